"""The RPC methods of the packet service, one file per family."""
