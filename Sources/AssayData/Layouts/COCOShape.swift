import AssayImage

/// Where a COCO annotation marks something: polygons or runs, else its `bbox`, turned by `attributes.rotation`.
enum COCOShape {
  /// - Throws: `RunLengthMask.Failure` for values that are no shape.
  static func read(
    _ annotation: JSONNode, _ size: (width: Int, height: Int)
  ) throws(RunLengthMask.Failure) -> AnnotatedRegion.Shape {
    let segmentation = annotation["segmentation"]
    if let array = segmentation?.array {
      // One flat list is one polygon; empty lists, and the four numbers of a box, say no more than the bbox.
      let flat = segmentation?.numbers.map { $0.isEmpty ? [] : [$0] }
      let lists = flat ?? array.map(\.numbers)
      guard !lists.contains(where: { $0 == nil }) else {
        throw RunLengthMask.Failure(cause: "its segmentation is not a list of numbers")
      }
      let polygons = lists.compactMap { $0 }.filter { !$0.isEmpty }
      if !polygons.isEmpty, !(polygons.count == 1 && polygons[0].count == 4 && annotation["bbox"] != nil) {
        return try outline(polygons, annotation)
      }
    } else if let runs = segmentation?.object {
      return try mask(runs, size)
    } else if let segmentation {
      guard case .null = segmentation.value else {
        throw RunLengthMask.Failure(cause: "its segmentation is neither polygons nor runs")
      }
    }
    guard let box = annotation["bbox"]?.numbers, box.count == 4 else {
      throw RunLengthMask.Failure(cause: "it has neither a segmentation nor a bbox of four numbers")
    }
    let straight = PixelRectangle(x: box[0], y: box[1], width: box[2], height: box[3])
    guard let turn = try rotation(annotation) else { return .box(straight) }
    return .polygons([TurnedBox.corners(straight, degrees: turn)])
  }

  private static func outline(
    _ polygons: [[Double]], _ annotation: JSONNode
  ) throws(RunLengthMask.Failure) -> AnnotatedRegion.Shape {
    var corners: [[PixelPoint]] = []
    for numbers in polygons {
      guard numbers.count >= 6, numbers.count.isMultiple(of: 2) else {
        throw RunLengthMask.Failure(cause: "a polygon is not a list x, y, x, y, ... of three corners or more")
      }
      corners.append(
        stride(from: 0, to: numbers.count, by: 2).map { PixelPoint(x: numbers[$0], y: numbers[$0 + 1]) })
    }
    // A polygon has its turn in its corners, unless it is only the straight box again.
    if let turn = try rotation(annotation), corners.count == 1, let box = annotation["bbox"]?.numbers, box.count == 4 {
      let straight = PixelRectangle(x: box[0], y: box[1], width: box[2], height: box[3])
      if TurnedBox.isOutline(corners[0], of: straight) {
        return .polygons([TurnedBox.corners(straight, degrees: turn)])
      }
    }
    return .polygons(corners)
  }

  private static func mask(
    _ runs: [String: JSONNode], _ size: (width: Int, height: Int)
  ) throws(RunLengthMask.Failure) -> AnnotatedRegion.Shape {
    guard let stated = runs["size"]?.numbers, stated == [Double(size.height), Double(size.width)] else {
      throw RunLengthMask.Failure(
        cause: "the size of its runs is not [height, width] of the image, [\(size.height), \(size.width)]")
    }
    if let text = runs["counts"]?.string {
      return .runs(try RunLengthMask(compressed: text, width: size.width, height: size.height))
    }
    let counts = runs["counts"]?.array?.map(\.integer) ?? []
    guard !counts.isEmpty, !counts.contains(nil) else {
      throw RunLengthMask.Failure(cause: "the counts of its runs are neither text nor whole numbers")
    }
    return .runs(
      try RunLengthMask(
        counts: counts.compactMap { $0 }, width: size.width, height: size.height, order: .columns, isComplete: true))
  }

  /// How far a box is turned, in degrees clockwise (CVAT); nil for not at all.
  private static func rotation(_ annotation: JSONNode) throws(RunLengthMask.Failure) -> Double? {
    guard let node = annotation["attributes"]?["rotation"] ?? annotation["rotation"] else { return nil }
    if case .null = node.value { return nil }
    guard let turn = node.number ?? node.string.flatMap(Double.init), turn.isFinite else {
      throw RunLengthMask.Failure(cause: "its rotation is not a number of degrees")
    }
    return turn.truncatingRemainder(dividingBy: 360) == 0 ? nil : turn
  }
}
