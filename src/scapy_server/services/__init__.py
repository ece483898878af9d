"""Services: what is offered over RPC. Each knows nothing of the other."""
