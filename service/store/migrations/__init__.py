"""How the schema grew; run by `service.store.engine`."""
