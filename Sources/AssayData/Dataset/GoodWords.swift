/// Words that mean good, and the words around them, in the languages of plants. Lower case; words of a phrase are joined
/// by `_`.
enum GoodWords {
  static let phrases: Set<String> = [
    // English
    "good", "goods", "ok", "okay", "pass", "passed", "passing", "accept", "accepted", "acceptable", "normal", "healthy",
    "clean", "intact", "perfect", "fine", "functional", "free", "mt_free", "correct", "conform", "conforming",
    "conformant", "defectless", "flawless", "faultless", "undamaged", "unbroken", "uncracked", "unscratched",
    "unflawed",
    "nodefect", "nodefects", "nondefect", "nondefective", "non_defective", "defectfree", "nocrack", "crackfree",
    "faultfree", "flawfree", "errorfree",
    // German, Dutch
    "gut", "gute", "guten", "gutes", "gutteil", "gutteile", "io", "i_o", "in_ordnung", "iordnung", "fehlerfrei",
    "fehlerlos", "einwandfrei", "mangelfrei", "defektfrei", "rissfrei", "unbeschädigt", "unbeschaedigt", "bestanden",
    "ohne_befund", "gutbild", "gutbilder", "goed", "goede", "goedgekeurd", "in_orde", "foutloos", "foutvrij",
    // French
    "bon", "bons", "bonne", "bonnes", "conforme", "conformes", "accepté", "accepte", "acceptée", "acceptés",
    "acceptées",
    "valide", "pas_défaut", "pas_defaut",
    // Spanish, Portuguese, Italian, Romanian
    "bueno", "buena", "buenos", "buenas", "aceptado", "aceptada", "aceptable", "apto", "apta", "aprobado", "aprobada",
    "bom", "boa", "boas", "aprovado", "aprovada", "aceito", "aceite", "buono", "buona", "buoni", "buone", "conformi",
    "accettato", "accettabile", "idoneo", "idonea", "idonei", "conformă", "normale", "normali", "normais", "normales",
    "correcto", "correcta", "corretto", "corretta", "correto", "correta", "acceptat",
    // Polish, Czech, Slovak, Hungarian, Slovene, Croatian
    "dobry", "dobra", "dobre", "zgodny", "zgodne", "zgodna", "prawidłowy", "prawidlowy", "dobrý", "dobrá", "dobré",
    "vyhovující", "vyhovujici", "vyhovujúci", "shodný", "v_pořádku", "v_poriadku", "jó", "megfelelő", "megfelelo",
    "hibátlan", "hibatlan", "dober", "dobro", "ispravno",
    // Swedish, Danish, Norwegian, Finnish
    "godkänd", "godkand", "godkända", "godkendt", "godkjent", "felfri", "fejlfri", "feilfri", "hyvä", "hyva",
    "hyväksytty", "hyvaksytty", "virheetön", "virheeton",
    // Turkish, Vietnamese, Indonesian
    "iyi", "sağlam", "saglam", "uygun", "kusursuz", "hatasız", "hatasiz", "kabul", "đạt", "tốt", "baik",
    // Russian, Ukrainian, Bulgarian
    "годен", "годный", "годная", "годное", "годные", "годно", "норма", "норм", "нормальный", "нормальные", "хорошо",
    "хороший", "хорошие", "исправен", "исправный", "исправные", "соответствует", "в_норме", "придатний", "добрий",
    "добър", "добри",
    // Chinese, simplified and traditional
    "良品", "良", "良好", "合格", "合格品", "正常", "正常品", "好", "好品", "好的", "优", "优良", "优品", "正品", "通过", "ok品",
    "无缺陷", "無缺陷", "无瑕疵", "無瑕疵", "无异常", "無異常", "无损伤", "无裂纹", "完好", "合格件", "良件", "好件", "通過", "優良",
    // Japanese
    "欠陥なし", "欠陥無し", "異常なし", "異常無し", "無欠陥", "正常画像", "良品画像", "適合", "適合品", "可",
    // Korean
    "양품", "정상", "정상품", "합격", "합격품", "양호", "결함없음", "결함_없음", "불량없음", "이상없음", "이상_없음", "무결함",
  ]

  /// What may stand beside them and says nothing.
  static let neutral: Set<String> = [
    "part", "parts", "piece", "pieces", "product", "products", "item", "items", "unit", "units", "sample", "samples",
    "image", "images", "img", "imgs", "picture", "pictures", "photo", "photos", "class", "label", "front", "back",
    "top",
    "bottom", "side", "left", "right", "surface", "condition", "state", "status", "casting", "castings",
    "teil", "teile", "stück", "stücke", "stueck", "stuecke", "bild", "bilder", "foto", "fotos", "produkt", "produkte",
    "pièce", "pièces", "produit", "produits", "pieza", "piezas", "producto", "productos", "parte", "partes",
    "pezzo", "pezzi", "prodotto", "prodotti", "peça", "peças", "peca", "pecas", "produto", "produtos", "część",
    "części",
    "czesc", "czesci", "wyrób", "wyroby", "díl", "díly", "dil", "dily", "výrobek", "výrobky", "kus", "kusy", "деталь",
    "детали", "изделие", "изделия", "delar", "dele", "onderdeel", "onderdelen", "parça", "parçalar",
  ]

  static let without: Set<String> = [
    "no", "non", "not", "without", "zero", "never", "ohne", "kein", "keine", "keinen", "nicht", "geen", "zonder",
    "sans",
    "aucun", "aucune", "sin", "sem", "senza", "nessun", "nessuna", "bez", "без", "нет", "utan", "uden", "uten", "nem",
  ]

  static let free: Set<String> = ["free", "less", "frei", "libre", "vrij", "fri"]

  /// What a good part is without.
  static let defects: Set<String> = [
    "defect", "defects", "defective", "defected", "fault", "faults", "faulty", "flaw", "flaws", "flawed", "damage",
    "damages", "damaged", "crack", "cracks", "cracked", "scratch", "scratches", "scratched", "anomaly", "anomalies",
    "anomalous", "abnormality", "abnormalities", "abnormal", "error", "errors", "issue", "issues", "problem",
    "problems",
    "broken", "blemish", "blemishes", "imperfection", "imperfections", "failure", "failures",
    "defekt", "defekte", "defekten", "defekter", "fehler", "fehlern", "mangel", "mängel", "maengel", "schaden", "riss",
    "risse", "kratzer", "anomalie", "anomalien", "auffälligkeit", "fout", "fouten", "gebrek", "gebreken",
    "défaut", "défauts", "defaut", "defauts", "défectueux", "défectueuse", "defectueux",
    "defecto", "defectos", "defectuoso", "defectuosa", "anomalía", "anomalias", "anomalías", "falla", "fallas", "fallo",
    "fallos", "defeito", "defeitos", "defeituoso", "defeituosa", "difetto", "difetti", "difettoso", "difettosa",
    "anomalia", "wad", "wady", "wada", "vad", "vady", "vada", "chyba", "chyb", "chyby", "hiba", "hibás", "hata",
    "дефект", "дефекта", "дефектов", "дефекты", "дефектів", "брак", "брака", "трещин", "трещины", "fel", "fejl", "feil",
  ]
}
