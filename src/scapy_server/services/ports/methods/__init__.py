"""The methods of the ports service, one file per family; `table` lists them all."""
