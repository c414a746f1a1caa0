import AssayData
import AssayTestSupport
import Testing

/// Which class is good, by its name.
@Suite struct GoodClassTests {
  /// - Returns: the class that is found among folders of these names.
  private func good(_ classes: [String]) throws -> (name: String?, reason: String?) {
    let folder = TemporaryFolder()
    for (index, name) in classes.enumerated() { folder.picture("\(name)/\(index).jpg", seed: index + 1) }
    let dataset = try DatasetReader.read(folder.path)
    return (dataset.goodClass, dataset.goodClassReason)
  }

  @Test(arguments: [
    ["gut", "schlecht"], ["合格", "不合格"], ["良品", "不良"], ["good_parts", "bad_parts"], ["accept", "reject"],
    ["pass", "fail"],
    ["i.O.", "n.i.O."], ["GOOD ", "BAD "], ["io", "nio"], ["OK", "NG"], ["ok", "nok"], ["Ok", "not_ok"],
    ["ok", "not ok"],
    ["conforme", "non conforme"], ["conforme", "non-conforme"], ["bon", "mauvais"],
    ["Bonnes pièces", "Mauvaises pièces"],
    ["bueno", "malo"], ["sin defecto", "con defecto"], ["buono", "difettoso"], ["bom", "ruim"],
    ["sem_defeito", "defeito"],
    ["dobry", "zły"], ["dobrý", "špatný"], ["bez vad", "vady"], ["годен", "брак"], ["без дефектов", "дефект"],
    ["годен", "не годен"], ["正常", "異常"], ["正常", "异常"], ["无缺陷", "缺陷"], ["양품", "불량"], ["정상", "비정상"],
    ["ok_parts", "nok_parts"], ["ok-front", "def_front"], ["ok_front", "def_front"], ["non_defective", "defective"],
    ["no_defect", "defect"], ["No Defect", "scratch deep"], ["NoDefect", "Defect"], ["defect-free", "defective"],
    ["fehlerfrei", "fehlerhaft"], ["in Ordnung", "nicht in Ordnung"], ["normal", "abnormal"], ["healthy", "rust"],
    ["clean", "dirty"], ["undamaged", "damaged"], ["accepted", "rejected"], ["passed", "failed"],
    ["00_good", "01_scratch"],
    ["goede onderdelen", "afgekeurd"], ["godkänd", "underkänd"], ["ＯＫ", "ＮＧ"], ["good images", "defect images"],
    ["Gutteile", "Schlechtteile"], ["sans défaut", "défaut"], ["ohne Fehler", "mit Fehler"], ["crack free", "crack"],
    ["良い", "良品"].reversed(),
  ])
  func found(_ classes: [String]) throws {
    let found = try good(classes)
    #expect(found.name == classes[0], "\(classes): \(found.reason ?? "")")
  }

  @Test(arguments: [
    ["ok", "clean"], ["good", "normal"], ["0", "1"], ["good_1", "good_2"], ["A", "B"], ["GOOD ", "good"],
    ["not_ok", "scratch"], ["不合格", "划痕"], ["non conforme", "rayure"], ["n.i.O.", "Kratzer"], ["no good", "scratch"],
    ["notok", "x"], ["not good", "x"], ["NG", "x"], ["unacceptable", "x"], ["nicht gut", "x"], ["no_label", "x"],
    ["no_helmet", "helmet"], ["不良品", "x"], ["非良品", "x"], ["не годен", "x"], ["negodny", "x"], ["non-normal", "x"],
    ["abnormal", "x"], ["unhealthy", "x"], ["not_passed", "x"], ["nok", "x"], ["kein gutteil", "x"],
    ["niet goed", "x"],
    ["불합격", "x"], ["비정상", "x"], ["positive", "negative"], ["good_or_bad", "x"], ["almost good", "x"], ["bad", "worse"],
    ["goodyear", "x"], ["okapi", "x"], ["boken", "x"], ["never ok", "x"], ["not without defect", "x"],
    ["pas bon", "x"],
  ])
  func unknown(_ classes: [String]) throws {
    let found = try good(classes)
    #expect(found.name == nil && found.reason?.isEmpty == false, "\(classes): \(found.name ?? "")")
  }

  @Test func theReasonIsSaid() throws {
    #expect(try good(["ok", "clean"]).reason == "clean and ok could both mean good")
    #expect(try good(["0", "1"]).reason?.contains("numbers") == true)
    #expect(try good(["A", "B"]).reason?.contains("A, B") == true)
    let folder = TemporaryFolder()
    folder.pictures(["ok/0.jpg", "clean/1.jpg"])
    let named = try DatasetReader.read(folder.path, options: .init(goodClass: "clean"))
    #expect(named.goodClass == "clean" && named.goodClassReason == nil)
    #expect(try DatasetReader.read(folder.path).note(.goodClass)?.text.contains("--good") == true)
    #expect(refusal(folder.path, .init(labels: .binary))?.cause.contains("could both mean good") == true)
  }
}
