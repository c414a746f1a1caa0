/// For programs that have a station inside.
extension Station {
  /// Inspects a part as if it came over HTTP: it waits for a core, is put on record, and every link is told.
  /// - Parameters:
  ///   - input: an image file's bytes, a camera's pixels, or the network's own input.
  ///   - model: name of the bundle.
  ///   - serial: part or serial number, as the line gave it.
  /// - Throws: ``PartRefusal`` when the part has no verdict.
  public func inspect(
    _ input: PartInput, model: String, serial: String? = nil
  ) async throws(PartRefusal) -> InspectAnswer {
    guard let bundle = shelf[model] else { throw .noModel(model) }
    guard let answer = try await inspect(Part(input, serial: serial), with: bundle).answer else { throw .onlyATile }
    return answer
  }

  /// Names of the bundles that are served, in their order.
  public var modelNames: [String] { shelf.names }
}
