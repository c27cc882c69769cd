"""A small composition archetype, an evaluation with every kind of value in it, and a template source of the two.

Tests of the compiler, of lint and of the comparison of versions change a word here and there and look at what follows.
"""

from __future__ import annotations

from cdr.am.adl.reader import read_archetype
from cdr.am.compile import ArchetypeLibrary, compile_template
from cdr.am.oet import read_oet
from cdr.am.template import OperationalTemplate

COMPOSITION = """archetype (adl_version=1.4)
	openEHR-EHR-COMPOSITION.all_values.v1
concept
	[at0000]
language
	original_language = <[ISO_639-1::en]>
definition
	COMPOSITION[at0000] matches {
		category matches {
			DV_CODED_TEXT matches {defining_code matches {[openehr::433]}}
		}
		content cardinality matches {0..*; unordered} matches {
			allow_archetype EVALUATION[at0001] occurrences matches {0..*} matches {
				include
					archetype_id/value matches {/openEHR-EHR-EVALUATION\\.all_values\\.v1/}
			}
		}
	}
ontology
	term_definitions = <["en"] = <items = <
		["at0000"] = <text = <"All values"> description = <"-">>
		["at0001"] = <text = <"Values"> description = <"-">>
	>>>
"""

EVALUATION = """archetype (adl_version=1.4)
	openEHR-EHR-EVALUATION.all_values.v1
concept
	[at0000]
language
	original_language = <[ISO_639-1::en]>
definition
	EVALUATION[at0000] matches {
		data matches {
			ITEM_TREE[at0001] matches {
				items cardinality matches {0..20; unordered} matches {
					ELEMENT[at0002] occurrences matches {0..2} matches {
						value matches {
							DV_CODED_TEXT matches {defining_code matches {[local::at0020, at0021, at0022]}}
						}
					}
					ELEMENT[at0003] occurrences matches {0..1} matches {
						value matches {
							C_DV_QUANTITY <
								property = <[openehr::124]>
								list = <
									["1"] = <units = <"kg"> magnitude = <|0.0..200.0|> precision = <|0..1|>>
									["2"] = <units = <"g"> magnitude = <|0.0..200000.0|> precision = <|0|>>
								>
							>
						}
					}
					ELEMENT[at0004] occurrences matches {0..1} matches {
						value matches {
							DV_COUNT matches {magnitude matches {|0..100|}}
						}
					}
					ELEMENT[at0005] occurrences matches {0..1} matches {
						value matches {
							0|[local::at0030], 1|[local::at0031], 2|[local::at0032]
						}
					}
					ELEMENT[at0006] occurrences matches {0..1} matches {
						value matches {
							DV_TEXT matches {value matches {"red", "green", "blue"}}
						}
					}
					ELEMENT[at0007] occurrences matches {0..1} matches {
						value matches {
							DV_DURATION matches {value matches {PDTH/|PT0H..P10D|}}
						}
					}
					ELEMENT[at0008] occurrences matches {0..1} matches {
						value matches {
							DV_BOOLEAN matches {value matches {True, False}}
						}
					}
					ELEMENT[at0009] occurrences matches {0..1} matches {
						value matches {
							DV_DATE matches {value matches {yyyy-??-??}}
						}
					}
					ELEMENT[at0010] occurrences matches {0..1} matches {
						value matches {
							DV_TEXT matches {*}
							DV_COUNT matches {*}
						}
					}
					ELEMENT[at0011] occurrences matches {0..1} matches {
						value matches {
							DV_IDENTIFIER matches {id matches {/[A-Z]{3}-[0-9]{4}/}}
						}
					}
					allow_archetype CLUSTER[at0012] occurrences matches {0..1} matches {
						include
							archetype_id/value matches {/openEHR-EHR-CLUSTER\\.one\\.v1|openEHR-EHR-CLUSTER\\.two\\.v1/}
					}
					CLUSTER[at0013] occurrences matches {0..1} matches {
						items cardinality matches {1..2; unordered} matches {
							ELEMENT[at0014] occurrences matches {0..2} matches {
								value matches {DV_TEXT matches {*}}
							}
						}
					}
				}
			}
		}
	}
ontology
	term_definitions = <["en"] = <items = <
		["at0000"] = <text = <"Every value"> description = <"-">>
		["at0001"] = <text = <"Tree"> description = <"-">>
		["at0002"] = <text = <"Choice"> description = <"-">>
		["at0003"] = <text = <"Weight"> description = <"-">>
		["at0004"] = <text = <"Number"> description = <"-">>
		["at0005"] = <text = <"Grade"> description = <"-">>
		["at0006"] = <text = <"Colour"> description = <"-">>
		["at0007"] = <text = <"Period"> description = <"-">>
		["at0008"] = <text = <"Flag"> description = <"-">>
		["at0009"] = <text = <"Day"> description = <"-">>
		["at0010"] = <text = <"Either"> description = <"-">>
		["at0011"] = <text = <"Tag"> description = <"-">>
		["at0012"] = <text = <"More"> description = <"-">>
		["at0013"] = <text = <"Group"> description = <"-">>
		["at0014"] = <text = <"Member"> description = <"-">>
		["at0020"] = <text = <"First"> description = <"-">>
		["at0021"] = <text = <"Second"> description = <"-">>
		["at0022"] = <text = <"Third"> description = <"-">>
		["at0030"] = <text = <"None"> description = <"-">>
		["at0031"] = <text = <"Some"> description = <"-">>
		["at0032"] = <text = <"Much"> description = <"-">>
		["at0040"] = <text = <"New"> description = <"-">>
	>>>
"""

SOURCE = """<?xml version="1.0"?>
<template xmlns="openEHR/v1/Template" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <id>6f0c8c05-57e4-44c2-8a0c-38c1c7f0a3ef</id>
  <name>all_values.v1</name>
  <definition xsi:type="COMPOSITION" archetype_id="openEHR-EHR-COMPOSITION.all_values.v1">
    <Content xsi:type="EVALUATION" archetype_id="openEHR-EHR-EVALUATION.all_values.v1" path="/content[at0001]" max="1">
    </Content>
  </definition>
</template>
"""


def all_values(*changes: tuple[str, str]) -> OperationalTemplate:
    """Return the template, after changes (old text, new text) to the evaluation's archetype or the source."""
    evaluation, source = EVALUATION, SOURCE
    for old, new in changes:
        if old not in evaluation and old not in source:
            raise AssertionError(f"nothing to change: {old}")
        evaluation = evaluation.replace(old, new)
        source = source.replace(old, new)
    library = ArchetypeLibrary()
    library.add(read_archetype(COMPOSITION.encode()))
    library.add(read_archetype(evaluation.encode()))
    return compile_template(read_oet(source.encode()), library).template
