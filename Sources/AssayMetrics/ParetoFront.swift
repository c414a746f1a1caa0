/// What cannot be had better without paying more (Pareto 1906).
public enum ParetoFront {
  /// Indices of the points that no other dominates, the cheapest first; equal points are all on the front.
  ///
  /// A point dominates another when it costs no more, is worth no less, and is better in one of the two.
  /// - Parameters:
  ///   - cost, worth: one of each a point, finite.
  public static func indices(cost: [Double], worth: [Double]) -> [Int] {
    precondition(cost.count == worth.count, "a cost and a worth for each point")
    var front: [Int] = []
    // In this order a point can only be dominated by one before it.
    for index in cost.indices.sorted(by: { (cost[$0], -worth[$0], $0) < (cost[$1], -worth[$1], $1) }) {
      guard let last = front.last, worth[index] <= worth[last] else {
        front.append(index)
        continue
      }
      if worth[index] == worth[last], cost[index] == cost[last] { front.append(index) }
    }
    return front
  }
}
