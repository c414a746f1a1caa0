/// Splits as folders, files and columns name them.
enum SplitName {
  private static let names: [String: Split] = [
    "train": .train, "training": .train, "trainval": .train, "val": .validation, "valid": .validation,
    "validation": .validation, "dev": .validation, "test": .test, "testing": .test, "eval": .test, "evaluation": .test,
    "holdout": .test,
  ]
  /// Words that may follow: `train_set`, `test-images`, `val data`.
  private static let followers: Set<String> = ["set", "data", "dataset", "images", "image", "imgs", "img", "split"]

  static func find(_ name: some StringProtocol) -> Split? {
    let lower = name.lowercased()
    if let split = names[lower] { return split }
    let words = lower.split { !$0.isLetter && !$0.isNumber }.map(String.init)
    if words.count == 2, followers.contains(words[1]) { return names[words[0]] }
    guard words.count == 1 else { return nil }
    for follower in ["set", "data"] where lower.hasSuffix(follower) {
      return names[String(lower.dropLast(follower.count))]
    }
    return nil
  }

  /// The split that a folder or a part of a file's name (`instances_train2017.json`) names.
  static func find(inPath path: String) -> Split? {
    let words = path.lowercased().split { !$0.isLetter }
    return words.lazy.compactMap { names[String($0)] }.first
  }

  /// The split that one of the folders of a path names.
  static func find(inFoldersOf path: String) -> Split? {
    path.split(separator: "/").dropLast().lazy.compactMap { find($0) }.first
  }
}
