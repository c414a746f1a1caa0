/// What names an image or a category: a number, or a text as some programs write it.
enum COCOIdentifier: Hashable {
  case number(Int)
  case text(String)

  init?(_ node: JSONNode?) {
    if let number = node?.integer {
      self = .number(number)
    } else if let text = node?.string, !text.isEmpty {
      self = .text(text)
    } else {
      return nil
    }
  }

  /// A text of digits is also the number.
  var asNumber: Int? {
    switch self {
    case .number(let number): number
    case .text(let text): Int(text)
    }
  }

  var description: String {
    switch self {
    case .number(let number): String(number)
    case .text(let text): "\"\(text)\""
    }
  }
}

/// Things by their identifiers: as written, else by the number that it is.
struct COCOIdentified<Thing> {
  private(set) var things: [COCOIdentifier: Thing] = [:]
  private var byNumber: [Int: [COCOIdentifier]] = [:]
  /// Those named twice, which name nothing.
  private var twice: Set<COCOIdentifier> = []

  var isAllNumbers: Bool { things.keys.allSatisfy { if case .number = $0 { true } else { false } } }

  /// - Returns: what was there under this identifier, which is then no longer there.
  mutating func add(_ thing: Thing, _ id: COCOIdentifier) -> Thing? {
    guard !twice.contains(id) else { return thing }
    if let other = things.removeValue(forKey: id) {
      twice.insert(id)
      return other
    }
    things[id] = thing
    if let number = id.asNumber { byNumber[number, default: []].append(id) }
    return nil
  }

  func find(_ id: COCOIdentifier) -> Thing? {
    if let thing = things[id] { return thing }
    guard !twice.contains(id), let number = id.asNumber, let same = byNumber[number], same.count == 1 else {
      return nil
    }
    return things[same[0]]
  }

  func isTwice(_ id: COCOIdentifier) -> Bool { twice.contains(id) }
}
