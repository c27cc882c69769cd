"""The Archetype Query Language: parse, analyse, plan, run. Pure: knows no database and no HTTP."""
