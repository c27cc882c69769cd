"""The code sets that the reference model names: languages, countries, character sets, media types and algorithms.

`cdr.terminology.openehr` reads the tables. Members are `code=English name`, or the code alone, divided by `; `. Facts
of ISO 639-1, ISO 3166-1, the IANA registries and the openEHR terminology 3.1.0
(https://specifications.openehr.org/releases/TERM/Release-3.1.0).
"""

from __future__ import annotations

EXTERNAL_IDS = {
    "languages": "ISO_639-1",
    "countries": "ISO_3166-1",
    "character sets": "IANA_character-sets",
    "media types": "IANA_media-types",
    "compression algorithms": "openehr_compression_algorithms",
    "integrity check algorithms": "openehr_integrity_check_algorithms",
    "normal statuses": "openehr_normal_statuses",
}
"""The terminology id that a code of each set carries in data."""

COMPRESSION_ALGORITHMS = "compress; deflate; gzip; zlib; other"

INTEGRITY_CHECK_ALGORITHMS = "SHA-1; SHA-224; SHA-256; SHA-384; SHA-512; SHA-512/224; SHA-512/256"

NORMAL_STATUSES = "HHH; HH; H; N; L; LL; LLL"

# IANA registers many more; these are the ones of the openEHR set and those that clinical systems are known to use.
CHARACTER_SETS = """\
ISO-10646-UTF-1; ISO_8859-1:1987; ISO-8859-2; ISO_8859-3:1988; ISO-8859-15; US-ASCII; UTF-7; UTF-8; UTF-16;
UTF-16BE; UTF-16LE; UTF-32; UTF-32BE; UTF-32LE; ISO-8859-1; ISO-8859-3; ISO-8859-4; ISO-8859-5; ISO-8859-6;
ISO-8859-7; ISO-8859-8; ISO-8859-9; ISO-8859-10; ISO-8859-13; ISO-8859-14; ISO-8859-16; windows-1250;
windows-1251; windows-1252; windows-1253; windows-1254; windows-1257; IBM850; Shift_JIS; EUC-JP; ISO-2022-JP;
GB2312; GBK; GB18030; Big5; EUC-KR; KOI8-R
"""

# Media types are open-ended: a well-formed type below a registered top-level type counts as well.
MEDIA_TYPES = """\
audio/DVI4; audio/G722; audio/G723; audio/G726-16; audio/G726-24; audio/G726-32; audio/G726-40; audio/G728;
audio/L8; audio/L16; audio/LPC; audio/G729; audio/G729D; audio/G729E; video/BT656; video/CelB; video/JPEG;
video/H261; video/H263; video/H263-1998; video/H263-2000; video/H264; video/MPV; video/mp4; video/ogg;
video/mpeg; audio/basic; audio/mpeg; audio/mpeg3; audio/mpeg4-generic; audio/mp4; audio/L20; audio/L24;
audio/telephone-event; audio/ogg; audio/vorbis; video/quicktime; text/calendar; text/directory; text/html;
text/plain; text/richtext; text/rtf; text/rfc822-headers; text/sgml; text/tab-separated-values; text/uri-list;
text/xml; text/xml-external-parsed-entity; image/avif; image/bmp; image/cgm; image/gif; image/png; image/tiff;
image/jpeg; image/jp2; image/svg+xml; image/dicom-rle; image/jls; model/mtl; model/obj; model/stl;
application/cda+xml; application/EDIFACT; application/fhir+json; application/fhir+xml; application/hl7v2+xml;
application/gzip; application/json; application/msword; application/pdf; application/rtf; application/dicom;
application/dicom+json; application/dicom+xml; application/octet-stream; application/ogg;
application/vnd.oasis.opendocument.base; application/vnd.oasis.opendocument.chart;
application/vnd.oasis.opendocument.chart-template; application/vnd.oasis.opendocument.formula;
application/vnd.oasis.opendocument.formula-template; application/vnd.oasis.opendocument.graphics;
application/vnd.oasis.opendocument.graphics-template; application/vnd.oasis.opendocument.image;
application/vnd.oasis.opendocument.image-template; application/vnd.oasis.opendocument.presentation;
application/vnd.oasis.opendocument.presentation-template; application/vnd.oasis.opendocument.spreadsheet;
application/vnd.oasis.opendocument.spreadsheet-template; application/vnd.oasis.opendocument.text;
application/vnd.oasis.opendocument.text-master; application/vnd.oasis.opendocument.text-template;
application/vnd.oasis.opendocument.text-web; application/vnd.ms-word.document.macroEnabled.12;
application/vnd.openxmlformats-officedocument.wordprocessingml.document;
application/vnd.ms-word.template.macroEnabled.12;
application/vnd.openxmlformats-officedocument.wordprocessingml.template;
application/vnd.ms-powerpoint.slideshow.macroEnabled.12;
application/vnd.openxmlformats-officedocument.presentationml.slideshow;
application/vnd.ms-powerpoint.presentation.macroEnabled.12;
application/vnd.openxmlformats-officedocument.presentationml.presentation;
application/vnd.ms-excel.sheet.binary.macroEnabled.12; application/vnd.ms-excel.sheet.macroEnabled.12;
application/vnd.openxmlformats-officedocument.spreadsheetml.sheet; application/vnd.ms-xpsdocument;
application/vnd.ms-excel; application/vnd.ms-outlook; application/vnd.ms-powerpoint; application/vnd.rar;
application/zip
"""

COUNTRIES = """\
AF=Afghanistan; AX=Åland Islands; AL=Albania; DZ=Algeria; AS=American Samoa; AD=Andorra; AO=Angola;
AI=Anguilla; AQ=Antarctica; AG=Antigua and Barbuda; AR=Argentina; AM=Armenia; AW=Aruba; AU=Australia;
AT=Austria; AZ=Azerbaijan; BS=Bahamas; BH=Bahrain; BD=Bangladesh; BB=Barbados; BY=Belarus; BE=Belgium;
BZ=Belize; BJ=Benin; BM=Bermuda; BT=Bhutan; BO=Bolivia; BQ=Bonaire, Sint Eustatius and Saba;
BA=Bosnia and Herzegovina; BW=Botswana; BV=Bouvet Island; BR=Brazil; IO=British Indian Ocean Territory;
BN=Brunei Darussalam; BG=Bulgaria; BF=Burkina Faso; BI=Burundi; KH=Cambodia; CM=Cameroon; CA=Canada;
CV=Cape Verde; KY=Cayman Islands; CF=Central African Republic; TD=Chad; CL=Chile; CN=China;
CX=Christmas Island; CC=Cocos (Keeling) Islands; CO=Colombia; KM=Comoros; CG=Congo;
CD=Congo, the Democratic Republic of the; CK=Cook Islands; CR=Costa Rica; CI=Côte d'Ivoire; HR=Croatia;
CU=Cuba; CW=Curaçao; CY=Cyprus; CZ=Czech Republic; DK=Denmark; DJ=Djibouti; DM=Dominica; DO=Dominican Republic;
EC=Ecuador; EG=Egypt; SV=El Salvador; GQ=Equatorial Guinea; ER=Eritrea; EE=Estonia; SZ=Eswatini; ET=Ethiopia;
FK=Falkland Islands (Malvinas); FO=Faroe Islands; FJ=Fiji; FI=Finland; FR=France; GF=French Guiana;
PF=French Polynesia; TF=French Southern Territories; GA=Gabon; GM=Gambia; GE=Georgia; DE=Germany; GH=Ghana;
GI=Gibraltar; GR=Greece; GL=Greenland; GD=Grenada; GP=Guadeloupe; GU=Guam; GT=Guatemala; GG=Guernsey;
GN=Guinea; GW=Guinea-Bissau; GY=Guyana; HT=Haiti; HM=Heard Island and Mcdonald Islands;
VA=Holy See (Vatican City State); HN=Honduras; HK=Hong Kong; HU=Hungary; IS=Iceland; IN=India; ID=Indonesia;
IR=Iran, Islamic Republic of; IQ=Iraq; IE=Ireland; IM=Isle of Man; IL=Israel; IT=Italy; JM=Jamaica; JP=Japan;
JE=Jersey; JO=Jordan; KZ=Kazakhstan; KE=Kenya; KI=Kiribati; KP=Korea, Democratic People's Republic of;
KR=Korea, Republic of; KW=Kuwait; KG=Kyrgyzstan; LA=Lao People's Democratic Republic; LV=Latvia; LB=Lebanon;
LS=Lesotho; LR=Liberia; LY=Libya; LI=Liechtenstein; LT=Lithuania; LU=Luxembourg; MO=Macao; MG=Madagascar;
MW=Malawi; MY=Malaysia; MV=Maldives; ML=Mali; MT=Malta; MH=Marshall Islands; MQ=Martinique; MR=Mauritania;
MU=Mauritius; YT=Mayotte; MX=Mexico; FM=Micronesia, Federated States of; MD=Moldova, Republic of; MC=Monaco;
MN=Mongolia; ME=Montenegro; MS=Montserrat; MA=Morocco; MZ=Mozambique; MM=Myanmar; NA=Namibia; NR=Nauru;
NP=Nepal; NL=Netherlands; AN=Netherlands Antilles; NC=New Caledonia; NZ=New Zealand; NI=Nicaragua; NE=Niger;
NG=Nigeria; NU=Niue; NF=Norfolk Island; MK=North Macedonia; MP=Northern Mariana Islands; NO=Norway; OM=Oman;
PK=Pakistan; PW=Palau; PS=Palestinian, State of; PA=Panama; PG=Papua New Guinea; PY=Paraguay; PE=Peru;
PH=Philippines; PN=Pitcairn; PL=Poland; PT=Portugal; PR=Puerto Rico; QA=Qatar; RE=Réunion; RO=Romania;
RU=Russian Federation; RW=Rwanda; BL=Saint Barthélemy; SH=Saint Helena, Ascension and Tristan Da Cunha;
KN=Saint Kitts and Nevis; LC=Saint Lucia; MF=Saint Martin (French Part); PM=Saint Pierre and Miquelon;
VC=Saint Vincent and the Grenadines; WS=Samoa; SM=San Marino; ST=Sao Tome and Principe; SA=Saudi Arabia;
SN=Senegal; RS=Serbia; SC=Seychelles; SL=Sierra Leone; SG=Singapore; SX=Sint Maarten (Dutch Part); SK=Slovakia;
SI=Slovenia; SB=Solomon Islands; SO=Somalia; ZA=South Africa; GS=South Georgia and the South Sandwich Islands;
SS=South Sudan; ES=Spain; LK=Sri Lanka; SD=Sudan; SR=Suriname; SJ=Svalbard and Jan Mayen; SE=Sweden;
CH=Switzerland; SY=Syrian Arab Republic; TW=Taiwan, Province of China; TJ=Tajikistan;
TZ=Tanzania, United Republic of; TH=Thailand; TL=Timor-Leste; TG=Togo; TK=Tokelau; TO=Tonga;
TT=Trinidad and Tobago; TN=Tunisia; TR=Türkiye; TM=Turkmenistan; TC=Turks and Caicos Islands; TV=Tuvalu;
UG=Uganda; UA=Ukraine; AE=United Arab Emirates; GB=United Kingdom of Great Britain and Northern Ireland;
US=United States of America; UM=United States Minor Outlying Islands; UY=Uruguay; UZ=Uzbekistan; VU=Vanuatu;
VE=Venezuela, Bolivarian Republic of; VN=Viet Nam; VG=Virgin Islands, British; VI=Virgin Islands, U.S.;
WF=Wallis and Futuna; EH=Western Sahara; YE=Yemen; ZM=Zambia; ZW=Zimbabwe
"""

LANGUAGES = """\
aa=Afar; af=Afrikaans; ak=Akan; sq=Albanian; am=Amharic; ar=Arabic; ar-sa=Arabic (Saudi Arabia);
ar-iq=Arabic (Iraq); ar-eg=Arabic (Egypt); ar-ly=Arabic (Libya); ar-dz=Arabic (Algeria);
ar-ma=Arabic (Morocco); ar-tn=Arabic (Tunisia); ar-om=Arabic (Oman); ar-ye=Arabic (Yemen);
ar-sy=Arabic (Syria); ar-jo=Arabic (Jordan); ar-lb=Arabic (Lebanon); ar-kw=Arabic (Kuwait);
ar-ae=Arabic (U.A.E.); ar-bh=Arabic (Bahrain); ar-qa=Arabic (Qatar); an=Aragonese; hy=Armenian; as=Assamese;
av=Avaric, Avar; ay=Aymara; az=Azerbaijani, Azeri; bm=Bambara; ba=Bashkir; eu=Basque; be=Belarusian;
bn=Bengali, Bangla; bi=Bislama; bs=Bosnian; br=Breton; bg=Bulgarian; my=Burmese, Myanmar;
ca=Catalan, Valencian; ch=Chamorro; ce=Chechen; ny=Chichewa, Chewa, Nyanja; zh=Chinese; zh-tw=Chinese (Taiwan);
zh-cn=Chinese (PRC); zh-hk=Chinese (Hong Kong SAR); zh-sg=Chinese (Singapore); zh-mo=Chinese (Macau);
cv=Chuvash; kw=Cornish; co=Corsican; cr=Cree; hr=Croatian; hr-ba=Croatian (Bosnia and Herzegovina); cs=Czech;
da=Danish; dv=Divehi, Dhivehi, Maldivian; nl=Dutch; nl-be=Dutch (Belgium); dz=Dzongkha; en=English;
en-us=English (United States); en-gb=English (United Kingdom); en-au=English (Australia);
en-ca=English (Canada); en-nz=English (New Zealand); en-ie=English (Ireland); en-za=English (South Africa);
en-jm=English (Jamaica); en-cb=English (Caribbean); en-bz=English (Belize);
en-tt=English (Trinidad and Tobago); en-ph=English (Republic of the Philippines); en-zw=English (Zimbabwe);
eo=Esperanto; et=Estonian; ee=Ewe; fo=Faroese; fj=Fijian; fi=Finnish; fr=French; fr-be=French (Belgium);
fr-ca=French (Canada); fr-ch=French (Switzerland); fr-lu=French (Luxembourg);
fr-mc=French (Principality of Monaco); fy=Frisian, Western Frisian; ff=Fulah, Fulani;
gd=Gaelic, Scottish Gaelic; gd-ie=Gaelic (Ireland); gl=Galician; lg=Ganda; ka=Georgian; de=German;
de-ch=German (Switzerland); de-at=German (Austria); de-lu=German (Luxembourg); de-li=German (Liechtenstein);
el=Greek; kl=Kalaallisut, Greenlandic; gn=Guarani; gu=Gujarati; ht=Haitian, Haitian Creole; ha=Hausa;
he=Hebrew; hz=Herero; hi=Hindi; ho=Hiri Motu, Pidgin Motu; hu=Hungarian; is=Icelandic; ig=Igbo; id=Indonesian;
iu=Inuktitut; ik=Inupiaq; ga=Irish; it=Italian; it-ch=Italian (Switzerland); ja=Japanese; jv=Javanese;
kn=Kannada; kr=Kanuri; ks=Kashmiri; kk=Kazakh; km=Central Khmer, Cambodian; ki=Kikuyu, Gikuyu; rw=Kinyarwanda;
ky=Kirghiz, Kyrgyz; kv=Komi; kg=Kongo; ko=Korean; kj=Kuanyama, Kwanyama; ku=Kurdish; lo=Lao; la=Latin;
lv=Latvian; li=Limburgan, Limburger, Limburgish; ln=Lingala; lt=Lithuanian; lu=Luba-Katanga, Luba-Shaba;
lb=Luxembourgish, Letzeburgesch; mk=Macedonian; mg=Malagasy; ms=Malay; ml=Malayalam; mt=Maltese; gv=Manx;
mi=Maori; mr=Marathi; mh=Marshallese; mn=Mongolian; na=Nauru, Nauruan; nv=Navajo, Navaho; nd=North Ndebele;
nr=South Ndebele; ng=Ndonga; ne=Nepali; nb=Norwegian Bokmal; nn=Norwegian Nynorsk;
ii=Sichuan Yi, Nuosu, Northern Yi, Liangshan Yi; oc=Occitan; oj=Ojibwa, Ojibwe; or=Oriya, Odia; om=Oromo;
os=Ossetian, Ossetic; ps=Pashto, Pushto; fa=Persian, Farsi; pl=Polish; pt=Portuguese;
pt-br=Portuguese (Brazil); pt-pt=Portuguese (Portugal); pa=Punjabi, Panjabi; qu=Quechua;
qu-bo=Quechua (Bolivia); qu-ec=Quechua (Ecuador); qu-pe=Quechua (Peru); ro=Romanian; ro-mo=Romanian (Moldavia);
rm=Romansh, Rhaeto-Romanic; rn=Rundi, Kirundi; ru=Russian; ru-mo=Russian (Moldavia); se=Northern Sami;
sz=Sami (Lappish); sm=Samoan; sg=Sango; sc=Sardinian; sr=Serbian; sr-ba=Serbian (Bosnia and Herzegovina);
sb=Serbian; sn=Shona; sd=Sindhi; si=Sinhala, Sinhalese; sk=Slovak; sl=Slovenian, Slovene; so=Somali;
st=Southern Sotho, Sesotho, Sutu; es=Spanish, Castilian; es-mx=Spanish (Mexico); es-gt=Spanish (Guatemala);
es-cr=Spanish (Costa Rica); es-pa=Spanish (Panama); es-do=Spanish (Dominican Republic);
es-ve=Spanish (Venezuela); es-co=Spanish (Colombia); es-pe=Spanish (Peru); es-ar=Spanish (Argentina);
es-ec=Spanish (Ecuador); es-cl=Spanish (Chile); es-uy=Spanish (Uruguay); es-py=Spanish (Paraguay);
es-bo=Spanish (Bolivia); es-sv=Spanish (El Salvador); es-hn=Spanish (Honduras); es-ni=Spanish (Nicaragua);
es-pr=Spanish (Puerto Rico); su=Sundanese; sx=Sutu; sw=Swahili; ss=Swati, Swazi; sv=Swedish;
sv-fi=Swedish (Finland); tl=Tagalog; ty=Tahitian; tg=Tajik; ta=Tamil; tt=Tatar; te=Telugu; th=Thai; bo=Tibetan;
ti=Tigrinya; to=Tonga, Tongan; ts=Tsonga; tn=Tswana; tr=Turkish; tk=Turkmen; tw=Twi; ug=Uighur, Uyghur;
uk=Ukrainian; ur=Urdu; uz=Uzbek; ve=Venda; vi=Vietnamese; wa=Walloon; cy=Welsh; cy-gb=Welsh (United Kingdom);
cy-ar=Welsh (Argentina); wo=Wolof; xh=Xhosa; yi=Yiddish; ji=Yiddish; yo=Yoruba; za=Zhuang, Chuang; zu=Zulu;
ab=Abkhazian; ae=Avestan; bh=Bihari languages; cu=Church Slavic; ia=Interlingua; ie=Interlingue; io=Ido;
no=Norwegian; pi=Pali; sa=Sanskrit; vo=Volapük
"""
