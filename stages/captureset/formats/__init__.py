"""Written forms: JSON, schemas, tables, and the formats datasets are exchanged in."""
