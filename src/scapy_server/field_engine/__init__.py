"""Programs that vary a packet over a stream: their compilation and rendering."""
