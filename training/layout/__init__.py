"""Teach the network that reads a street's layout. Parts are imported one by one."""
