"""Which size should each kind of resource have, and what does it save at the resource's own rate."""
