/// Which parts a report shows: of every cell of the matrix some, the mistakes of which the inspector was most sure, and of each
/// class the part that it named rightly with the least certainty.
package struct PictureChoice {
  package struct Cell: Hashable {
    package let actual: Int
    package let predicted: Int

    package var isRight: Bool { actual == predicted }
  }

  /// Parts of one cell of the matrix.
  package struct Group {
    package let cell: Cell
    /// Places among the parts, in the order in which they are shown.
    package let rows: [Int]
    /// Parts in the cell, shown or not.
    package let count: Int
  }

  /// Mistakes before what is right, the cells with the most parts first.
  package let groups: [Group]

  /// Pictures of a cell of mistakes, of all of them, and of what is right.
  package static let perCell = 4
  package static let mostWrong = 36
  package static let mostRight = 12

  /// - Parameters:
  ///   - labels, predicted: class of each part, and what it was taken for.
  ///   - certainty: of what was said of each part.
  package init(labels: [Int], predicted: [Int], certainty: [Double]) {
    let cells = Dictionary(grouping: labels.indices) { Cell(actual: labels[$0], predicted: predicted[$0]) }
    func isBefore(_ a: (key: Cell, value: [Int]), _ b: (key: Cell, value: [Int])) -> Bool {
      (-a.value.count, a.key.actual, a.key.predicted) < (-b.value.count, b.key.actual, b.key.predicted)
    }
    let wrong = cells.filter { !$0.key.isRight }.sorted(by: isBefore).map { cell, rows in
      (cell: cell, rows: rows.sorted { (-certainty[$0], $0) < (-certainty[$1], $1) })
    }
    // Every cell has its first picture before any has its second.
    var taken = [Int](repeating: 0, count: wrong.count)
    var left = Self.mostWrong
    for round in 0..<Self.perCell {
      for (place, own) in wrong.enumerated() where own.rows.count > round && left > 0 {
        taken[place] += 1
        left -= 1
      }
    }
    let right = cells.filter(\.key.isRight).sorted { $0.key.actual < $1.key.actual }
    groups =
      zip(wrong, taken).filter { $0.1 > 0 }.map { own, count in
        Group(cell: own.cell, rows: Array(own.rows.prefix(count)), count: own.rows.count)
      }
      + right.prefix(Self.mostRight).map { cell, rows in
        let shown = rows.sorted { (certainty[$0], $0) < (certainty[$1], $1) }
        return Group(cell: cell, rows: Array(shown.prefix(right.count <= 3 ? 2 : 1)), count: rows.count)
      }
  }
}
