"""ADL 1.4: `odin` reads object text, `cadl` constraints, `reader` whole archetypes; `writer` prints them."""
