/// A 1 x 1 head on mid-level maps: a logit for each class at every position.
///
/// It reads what ``PatchGraph`` gives: each tap averaged over a neighbourhood and brought to the finest tap's grid. Averaging,
/// the head and interpolation are linear, so the graph applies the head before it interpolates: a few channels instead of
/// hundreds.
public struct PatchHead: Sendable, Equatable {
  public let taps: [String]
  /// Side of the averaged neighbourhood in positions, odd.
  public let neighbourhood: Int
  /// `[K, D]`, the taps' channels one after another.
  public let head: LinearHead

  public init(taps: [String], neighbourhood: Int, head: LinearHead) {
    self.taps = taps
    self.neighbourhood = neighbourhood
    self.head = head
  }

  /// - Returns: `[N, K, h, w]` on the grid of the finest tap.
  package func write(_ builder: inout GraphBuilder, _ values: [String: GraphValue]) -> GraphValue? {
    let taps = taps.compactMap { values[$0] }
    guard let width = taps.map(\.width).max(), let height = taps.map(\.height).max() else { return nil }
    var offset = 0
    var sum: GraphValue?
    for (index, tap) in taps.enumerated() {
      let name = "segmentation.\(index)"
      let averaged = builder.average(tap, side: neighbourhood, name: name + ".average")
      let scores = builder.convolution(
        averaged, weights: head.block(offset: offset, count: tap.channels),
        // The bias once, with the first tap.
        bias: index == 0 ? head.bias : [Float](repeating: 0, count: head.classCount), kernel: 1, name: name + ".score")
      offset += tap.channels
      let onGrid = builder.enlarge(scores, width: width, height: height, name: name + ".grid")
      sum = sum.map { builder.binary("Add", $0, onGrid, name: name + ".sum") } ?? onGrid
    }
    return sum
  }
}
