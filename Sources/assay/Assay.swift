import ArgumentParser

@main
struct Assay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Visual inspection by transfer learning.")
}
