"""One drive, or one watch of a fixed camera: from footage to a report and a store."""
