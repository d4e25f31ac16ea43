"""What field bodies mean: one room for each family of fields, found by name through `registry`."""
