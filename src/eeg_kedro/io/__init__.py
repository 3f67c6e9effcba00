"""Files to values and back: EDF/BDF and CSV samples, annotation files, the window parquet."""
