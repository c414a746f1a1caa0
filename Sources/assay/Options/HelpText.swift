/// Titles of the groups of options in `--help`, in their order: what must be given, what is often given, what decides between
/// good and defective, and then what only some methods or ways know.
///
/// Options are declared in a `ParsableArguments` of their own, which a command takes in under one of these titles; those of one
/// title stand together, wherever they were declared.
///
/// ```swift
/// @OptionGroup(title: HelpGroup.usual) var usual: UsualArguments
/// ```
enum HelpGroup {
  static let required = "Required"
  static let usual = "Usual"
  static let thresholds = "Thresholds"
  // From here on in the order that the command declares.
  static let solver = "Solver"
  static let fewShot = "A few images of each class"
  static let fineTuning = "Fine-tuning"
  static let anomaly = "Anomaly detection"
  static let severalClasses = "Several classes on one image"
  static let tasks = "Several tasks"
  static let otherLines = "Other lines"
  static let features = "Features"
  static let pictures = "Reading pictures"
  static let pixels = "Pixels"
  static let cache = "Cache"
  static let training = "Training"
  static let coreset = "Coreset"
  static let access = "Access"
  static let record = "Record"
  static let limits = "Limits"
  static let mqtt = "MQTT"
  static let triggers = "Triggers"
}

/// A text for `--help`, whose paragraphs are broken by the help alone, for the terminal's width, instead of here and there again.
/// An empty line ends a paragraph; lines that begin with a space are kept.
func paragraphs(_ text: String) -> String {
  text.split(separator: "\n\n").map { paragraph in
    paragraph.split(separator: "\n").reduce(into: "") { joined, line in
      joined += (joined.isEmpty ? "" : line.hasPrefix(" ") ? "\n" : " ") + line
    }
  }.joined(separator: "\n\n")
}
