"""Where photos are measured: in child processes, which a photo may kill, on one machine or on a Dask cluster."""
