"""The groups of the openEHR terminology: codes, English rubrics and Norwegian (Bokmål) labels.

A line is `code|English|Norwegian`; `cdr.terminology.openehr` reads it. Codes and rubrics are facts of the openEHR
terminology 3.1.0 (https://specifications.openehr.org/releases/TERM/Release-3.1.0); the Norwegian labels are Kilde's.
The code 435 for an episodic composition stands in data of older releases beside 451.
"""

from __future__ import annotations

GROUPS = {
    "attestation reason": """\
240|signed|signert
648|witnessed|bevitnet
""",
    "audit change type": """\
249|creation|opprettet
250|amendment|tilføyd
251|modification|endret
252|synthesis|sammenstilt
523|deleted|slettet
666|attestation|attestert
816|restoration|gjenopprettet
817|format conversion|konvertert format
253|unknown|ukjent
""",
    "composition category": """\
431|persistent|vedvarende
451|episodic|episodisk
435|episodic|episodisk
433|event|hendelse
815|report|rapport
""",
    "version lifecycle state": """\
532|complete|fullført
553|incomplete|ufullstendig
523|deleted|slettet
800|inactive|inaktiv
801|abandoned|forlatt
""",
    "participation function": """\
253|unknown|ukjent
""",
    "null flavours": """\
271|no information|ingen opplysninger
253|unknown|ukjent
272|masked|skjult
273|not applicable|ikke aktuelt
""",
    "participation mode": """\
193|not specified|ikke oppgitt
216|face-to-face communication|samtale ansikt til ansikt
223|interpreted face-to-face communication|tolket samtale ansikt til ansikt
217|signing (face-to-face)|tegnspråk ansikt til ansikt
195|live audiovisual; videoconference; videophone|direkte lyd og bilde; videokonferanse; bildetelefon
198|videoconferencing|videokonferanse
197|videophone|bildetelefon
218|signing over video|tegnspråk over video
224|interpreted video communication|tolket videosamtale
194|asynchronous audiovisual; recorded video|lyd og bilde i opptak
196|recorded video|videoopptak
202|live audio-only; telephone; internet phone; teleconference|direkte lyd; telefon; internettelefon; telefonmøte
204|telephone|telefon
203|teleconference|telefonmøte
205|internet telephone|internettelefon
222|interpreted audio-only|tolket, bare lyd
199|asynchronous audio-only; dictated; voice mail|lyd i opptak; diktat; talepost
200|dictated|diktat
201|voice-mail|talepost
212|live text-only; internet chat; SMS chat; interactive written note|direkte tekst; nettprat; SMS; skriftlig dialog
213|internet chat|nettprat
214|SMS chat|SMS-prat
215|interactive written note|skriftlig dialog
206|asynchronous text; email; fax; letter; handwritten note; SMS message|tekst; e-post; faks; brev; notat for hånd; SMS
211|handwritten note|håndskrevet notat
210|printed/typed letter|trykt eller maskinskrevet brev
207|email|e-post
208|facsimile/telefax|faks
221|translated text|oversatt tekst
209|SMS message|SMS-melding
219|physically present|fysisk til stede
220|physically remote|ikke fysisk til stede
""",
    "instruction states": """\
524|initial|foreløpig
526|planned|planlagt
527|postponed|utsatt
528|cancelled|avlyst
529|scheduled|tidfestet
245|active|aktiv
530|suspended|satt på pause
531|aborted|avbrutt
532|completed|fullført
533|expired|utløpt
""",
    "instruction transitions": """\
535|initiate|sette i gang
536|plan step|planleggingssteg
537|postpone|utsette
538|restore|gjenoppta utsatt
166|cancel|avlyse
542|postponed step|steg under utsettelse
539|schedule|tidfeste
534|scheduled step|steg mens tidfestet
540|start|starte
541|do|gjennomføre
543|active step|steg mens aktiv
544|suspend|sette på pause
545|suspended step|steg under pause
546|resume|fortsette
547|abort|avbryte
548|finish|fullføre
549|time out|utløpe
550|notify aborted|melde avbrutt
551|notify completed|melde fullført
552|notify cancelled|melde avlyst
""",
    "subject relationship": """\
0|self|pasienten selv
3|foetus|foster
10|mother|mor
9|father|far
6|donor|donor
253|unknown|ukjent
261|adopted daughter|adoptert datter
260|adopted son|adoptert sønn
259|adoptive father|adoptivfar
258|adoptive mother|adoptivmor
256|biological father|biologisk far
255|biological mother|biologisk mor
23|brother|bror
28|child|barn
265|cohabitee|samboer
257|cousin|fetter eller kusine
29|daughter|datter
264|guardian|verge
39|maternal aunt|moster
8|maternal grandfather|morfar
7|maternal grandmother|mormor
38|maternal uncle|morbror
189|neonate|nyfødt
254|parent|forelder
22|partner/spouse|partner eller ektefelle
41|paternal aunt|faster
36|paternal grandfather|farfar
37|paternal grandmother|farmor
40|paternal uncle|farbror
27|sibling|søsken
24|sister|søster
31|son|sønn
263|step father|stefar
262|step mother|stemor
25|step or half brother|stebror eller halvbror
26|step or half sister|stesøster eller halvsøster
""",
    "term mapping purpose": """\
669|public health|folkehelse
670|reimbursement|refusjon
671|research study|forskning
""",
    "event math function": """\
145|minimum|minimum
144|maximum|maksimum
267|mode|typetall
268|median|median
146|mean|gjennomsnitt
147|change|endring
148|total|sum
149|variation|variasjon
521|decrease|nedgang
522|increase|økning
640|actual|faktisk verdi
""",
    "setting": """\
225|home|hjemme
227|emergency care|akutthjelp
228|primary medical care|legetjeneste i primærhelsetjenesten
229|primary nursing care|sykepleie i primærhelsetjenesten
230|primary allied health care|annet helsepersonell i primærhelsetjenesten
231|midwifery care|jordmortjeneste
232|secondary medical care|legetjeneste i spesialisthelsetjenesten
233|secondary nursing care|sykepleie i spesialisthelsetjenesten
234|secondary allied health care|annet helsepersonell i spesialisthelsetjenesten
235|complementary health care|alternativ behandling
236|dental care|tannhelsetjeneste
237|nursing home care|sykehjem
802|mental healthcare|psykisk helsevern
238|other care|annen tjeneste
""",
    "extract content type": """\
803|openEHR EHR|openEHR-journal
804|openEHR Demographic|openEHR-demografi
805|openEHR synchronisation|openEHR-synkronisering
806|openEHR generic|openEHR, generisk
807|generic EMR|annen elektronisk journal
808|other|annet
""",
    "extract action type": """\
809|cancel|avlyse
810|resend|sende på nytt
811|send new|sende ny
""",
    "extract update trigger event type": """\
812|any change|enhver endring
813|correction|rettelse
814|update|oppdatering
""",
    "property": """\
118|<not set>|<ikke satt>
339|Acceleration|Akselerasjon
342|Acceleration, angular|Vinkelakselerasjon
381|Amount (Eq)|Mengde (ekvivalenter)
384|Amount (mole)|Stoffmengde (mol)
497|Angle, plane|Vinkel i planet
500|Angle, solid|Romvinkel
755|Arbitrary|Vilkårlig
335|Area|Areal
119|Concentration|Konsentrasjon
350|Density|Massetetthet
362|Diffusion coefficient|Diffusjonskoeffisient
501|Electric capacitance|Kapasitans
498|Electric charge|Elektrisk ladning
502|Electric conductance|Konduktans
334|Electric current|Elektrisk strøm
377|Electric field strength|Elektrisk feltstyrke
374|Electric potential|Elektrisk spenning
655|Electric potential time|Elektrisk spenning over tid
121|Energy|Energi
366|Energy density|Energitetthet
508|Energy dose|Stråledose
365|Energy per area|Energi per areal
364|Energy, linear|Energi per lengde
760|Enzyme activity|Enzymaktivitet
347|Flow rate, mass|Massestrøm
352|Flow rate, mass/force|Massestrøm per kraft
351|Flow rate, mass/volume|Massestrøm per volum
126|Flow rate, volume|Volumstrøm
348|Flux, mass|Massefluks
355|Force|Kraft
358|Force per mass|Kraft per masse
357|Force, body|Volumkraft
382|Frequency|Frekvens
586|Glomerular filtration rate|Glomerulær filtrasjonsrate
373|Heat transfer coefficient|Varmeovergangstall
505|Illuminance|Belysningsstyrke
379|Inductance|Induktans
122|Length|Lengde
499|Light intensity|Lysstyrke
123|Loudness|Lydstyrke
504|Luminous flux|Lysstrøm
378|Magnetic flux|Magnetisk fluks
503|Magnetic flux density|Magnetisk flukstetthet
124|Mass|Masse
385|Mass (IU)|Masse (internasjonale enheter)
445|Mass (Units)|Masse (enheter)
349|Mass per area|Masse per areal
756|Medication dose rate|Doseringshastighet
344|Moment inertia, area|Arealtreghetsmoment
345|Moment inertia, mass|Massetreghetsmoment
340|Momentum|Bevegelsesmengde
346|Momentum flow rate|Strøm av bevegelsesmengde
343|Momentum, angular|Dreieimpuls
759|Pace|Fart per lengde
363|Power|Effekt
369|Power density|Effekttetthet
368|Power flux|Effekt per areal
367|Power, linear|Effekt per lengde
125|Pressure|Trykk
507|Proportion|Andel
380|Qualified real|Kvalifisert tall
506|Radioactivity|Radioaktivitet
754|Rate of change, frequency|Endringsrate, frekvens
708|Rate of change, pressure|Endringsrate, trykk
685|Refractive power|Brytningsstyrke
375|Resistance|Motstand
370|Specific energy|Spesifikk energi
371|Specific heat, gas constant|Spesifikk varmekapasitet, gasskonstant
337|Specific surface|Spesifikk overflate
336|Specific volume|Spesifikt volum
354|Specific weight|Tyngdetetthet
757|Spectral power|Spektral effekt
758|Spectral power density|Spektral effekttetthet
356|Surface tension|Overflatespenning
127|Temperature|Temperatur
372|Thermal conductivity|Varmeledningsevne
128|Time|Tid
709|Time fraction|Tidsandel
359|Torque|Dreiemoment
338|Velocity|Hastighet
341|Velocity, angular|Vinkelhastighet
360|Viscosity, dynamic|Dynamisk viskositet
361|Viscosity, kinematic|Kinematisk viskositet
129|Volume|Volum
130|Work|Arbeid
""",
}
"""The lines of each group, by the name of the group."""
