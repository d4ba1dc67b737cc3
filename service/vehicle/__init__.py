"""What runs on a vehicle: it sends what it recorded, until the service has all of it.

Nothing here may load more than it needs: the boxes are small.
"""
