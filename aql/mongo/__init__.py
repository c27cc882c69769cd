"""Plans as MongoDB filters: plain dictionaries, without a driver. `cdr.store.runner` executes them."""
