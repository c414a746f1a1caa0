extension Recipe {
  /// For people, in alphabetical order: `class weights none; folds 5; optimizer lbfgs`.
  public var words: String {
    let settings = earlier ?? tree
    guard case .object(let members) = settings else { return settings.words }
    return members.map { (name: Self.spelledOut($0.key), value: $0.value.words) }.sorted { $0.name < $1.name }
      .map { "\($0.name) \($0.value)" }.joined(separator: "; ")
  }

  /// `learningRate` as `learning rate`.
  private static func spelledOut(_ key: String) -> String {
    key.reduce(into: "") { words, letter in
      if letter.isUppercase { words.append(" ") }
      words.append(letter.lowercased())
    }
  }
}

extension JSONTree {
  /// For people. Names within are as they are, since they may be those of classes.
  package var words: String {
    switch self {
    case .null: "none"
    case .bool(let value): value ? "yes" : "no"
    case .integer(let value): "\(value)"
    case .unsigned(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text(let value): value
    case .list(let elements): elements.map(\.words).joined(separator: ", ")
    case .object(let members):
      members.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.words)" }.joined(separator: ", ")
    }
  }
}
