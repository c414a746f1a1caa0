/// How well marked pixels agree with the truth, collected image by image.
public struct OverlapScores: Sendable, Equatable {
  public private(set) var common: Int64 = 0
  public private(set) var marked: Int64 = 0
  public private(set) var truth: Int64 = 0
  public private(set) var imageCount = 0
  private var diceSum = 0.0

  public init() {}

  /// Adds an image's masks of one class, of the same size.
  public mutating func add(marked own: [Bool], truth other: [Bool]) {
    precondition(own.count == other.count, "masks differ in size")
    var (both, a, b) = (0, 0, 0)
    for index in own.indices {
      if own[index] { a += 1 }
      if other[index] { b += 1 }
      if own[index], other[index] { both += 1 }
    }
    common += Int64(both)
    marked += Int64(a)
    truth += Int64(b)
    imageCount += 1
    diceSum += a + b == 0 ? 1 : 2 * Double(both) / Double(a + b)
  }

  /// Of all pixels together: 2 |X ∩ Y| / (|X| + |Y|); nil when there are none.
  public var dice: Double? { marked + truth == 0 ? nil : 2 * Double(common) / Double(marked + truth) }

  /// Of all pixels together: |X ∩ Y| / |X ∪ Y|; nil when there are none.
  public var intersectionOverUnion: Double? {
    let union = marked + truth - common
    return union == 0 ? nil : Double(common) / Double(union)
  }

  /// Sum of the images' Dice coefficients, 1 for an image of which both masks are empty.
  public var sumOfDice: Double { diceSum }

  /// The metric of Severstal's competition (Kaggle 2019): the mean of the Dice coefficients of all pairs of image and class,
  /// 1 where both masks are empty.
  public static func meanDice(_ classes: [OverlapScores]) -> Double? {
    let count = classes.reduce(0) { $0 + $1.imageCount }
    return count == 0 ? nil : classes.reduce(0) { $0 + $1.diceSum } / Double(count)
  }
}
