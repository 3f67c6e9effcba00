"""What each table of the catalog must look like: Pandera schemas, named by ``validator:`` in its catalog entry."""
