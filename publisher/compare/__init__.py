"""Two policies, wherever each comes from; a change, and whom it reaches."""
