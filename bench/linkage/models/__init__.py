"""Models that an analyst who knows a list would write for it in Splink; one file per list, one `MODEL` in each."""
