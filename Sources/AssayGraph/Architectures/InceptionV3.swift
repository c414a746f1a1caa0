public import AssayWeights

/// Inception v3 (Szegedy et al. 2016, table 1) as torchvision has it, without the auxiliary classifier.
///
/// Taps: `stage1` to `stage4`, the last maps of 2, 4, 8 and 16 pixels' stride (`Conv2d_2b_3x3`, `Conv2d_4a_3x3`,
/// `Mixed_5d`, `Mixed_6e`), and `features` (`Mixed_7c`, 32 pixels). Several convolutions are not padded, so a map is a
/// little smaller than image / stride: 299 pixels give 8 positions.
///
/// The published weights are from TensorFlow and want (v - 0.5) / 0.5. torchvision's `transform_input` makes exactly that of
/// an image normalised for its other networks, so that ``normalisation`` stands for both steps.
public struct InceptionV3: Architecture {
  private typealias Unit = InceptionModule.Unit
  private typealias Branch = InceptionModule.Branch

  public init() {}

  public var name: String { "inception-v3" }
  public var smallestSide: Int { 75 }
  public var nativeSize: Int { 299 }
  public var sideStep: Int { 1 }
  public var normalisation: ImportedBackbone.Normalisation { .half }

  public var taps: [Tap] {
    [
      Tap(name: "stage1", channels: 64, stride: 2), Tap(name: "stage2", channels: 192, stride: 4),
      Tap(name: "stage3", channels: 288, stride: 8), Tap(name: "stage4", channels: 768, stride: 16),
      Tap(name: "features", channels: 2048, stride: 32),
    ]
  }

  public func write(
    to builder: inout GraphBuilder, image: GraphValue, weights: some WeightSource, taps wanted: Set<String>
  ) throws(WeightsError) -> [String: GraphValue] {
    var found = try TapCollection(wanted, of: self)
    var x = image
    for (index, units) in Self.stem.enumerated() {
      for unit in units { x = try unit.write(to: &builder, x, weights) }
      found.offer("stage\(index + 1)", x)
      if found.isComplete { return found.values }
      x = builder.maximumPool(x, window: .square(3, stride: 2), name: "maxpool\(index + 1)")
    }
    for (tap, modules) in Self.stages {
      for module in modules { x = try module.write(to: &builder, x, weights) }
      found.offer(tap, x)
      if found.isComplete { break }
    }
    return found.values
  }

  /// Units in front of the first and of the second pooling.
  private static let stem: [[Unit]] = [
    [
      Unit("Conv2d_1a_3x3", 32, .square(3, stride: 2)), Unit("Conv2d_2a_3x3", 32, .square(3)),
      Unit("Conv2d_2b_3x3", 64, .square(3, padding: 1)),
    ],
    [Unit("Conv2d_3b_1x1", 80), Unit("Conv2d_4a_3x3", 192, .square(3))],
  ]

  private static let stages: [(tap: String, modules: [InceptionModule])] = [
    ("stage3", [fine("Mixed_5b", pooled: 32), fine("Mixed_5c", pooled: 64), fine("Mixed_5d", pooled: 64)]),
    (
      "stage4",
      [
        toMiddle("Mixed_6a"), middle("Mixed_6b", width: 128), middle("Mixed_6c", width: 160),
        middle("Mixed_6d", width: 160), middle("Mixed_6e", width: 192),
      ]
    ),
    ("features", [toCoarse("Mixed_7a"), coarse("Mixed_7b"), coarse("Mixed_7c")]),
  ]

  /// Figure 5 of the paper, with a 5 x 5 branch; 35 x 35 positions of an image of 299 pixels.
  private static func fine(_ name: String, pooled: Int) -> InceptionModule {
    InceptionModule(
      name: name,
      branches: [
        Branch(units: [Unit("branch1x1", 64)]),
        Branch(units: [Unit("branch5x5_1", 48), Unit("branch5x5_2", 64, .square(5, padding: 2))]),
        Branch(units: [
          Unit("branch3x3dbl_1", 64), Unit("branch3x3dbl_2", 96, .square(3, padding: 1)),
          Unit("branch3x3dbl_3", 96, .square(3, padding: 1)),
        ]),
        Branch(pooling: .average, units: [Unit("branch_pool", pooled)]),
      ])
  }

  /// Figure 10: half the positions.
  private static func toMiddle(_ name: String) -> InceptionModule {
    InceptionModule(
      name: name,
      branches: [
        Branch(units: [Unit("branch3x3", 384, .square(3, stride: 2))]),
        Branch(units: [
          Unit("branch3x3dbl_1", 64), Unit("branch3x3dbl_2", 96, .square(3, padding: 1)),
          Unit("branch3x3dbl_3", 96, .square(3, stride: 2)),
        ]),
        Branch(pooling: .maximum),
      ])
  }

  /// Figure 6: 7 x 7 convolutions as a row and a column.
  private static func middle(_ name: String, width: Int) -> InceptionModule {
    let row = SlidingWindow.centred(height: 1, width: 7)
    let column = SlidingWindow.centred(height: 7, width: 1)
    return InceptionModule(
      name: name,
      branches: [
        Branch(units: [Unit("branch1x1", 192)]),
        Branch(units: [Unit("branch7x7_1", width), Unit("branch7x7_2", width, row), Unit("branch7x7_3", 192, column)]),
        Branch(units: [
          Unit("branch7x7dbl_1", width), Unit("branch7x7dbl_2", width, column), Unit("branch7x7dbl_3", width, row),
          Unit("branch7x7dbl_4", width, column), Unit("branch7x7dbl_5", 192, row),
        ]),
        Branch(pooling: .average, units: [Unit("branch_pool", 192)]),
      ])
  }

  /// Half the positions again.
  private static func toCoarse(_ name: String) -> InceptionModule {
    InceptionModule(
      name: name,
      branches: [
        Branch(units: [Unit("branch3x3_1", 192), Unit("branch3x3_2", 320, .square(3, stride: 2))]),
        Branch(units: [
          Unit("branch7x7x3_1", 192), Unit("branch7x7x3_2", 192, .centred(height: 1, width: 7)),
          Unit("branch7x7x3_3", 192, .centred(height: 7, width: 1)), Unit("branch7x7x3_4", 192, .square(3, stride: 2)),
        ]),
        Branch(pooling: .maximum),
      ])
  }

  /// Figure 7: branches that end in a row and a column side by side.
  private static func coarse(_ name: String) -> InceptionModule {
    let row = SlidingWindow.centred(height: 1, width: 3)
    let column = SlidingWindow.centred(height: 3, width: 1)
    return InceptionModule(
      name: name,
      branches: [
        Branch(units: [Unit("branch1x1", 320)]),
        Branch(
          units: [Unit("branch3x3_1", 384)],
          fork: [Unit("branch3x3_2a", 384, row), Unit("branch3x3_2b", 384, column)]),
        Branch(
          units: [Unit("branch3x3dbl_1", 448), Unit("branch3x3dbl_2", 384, .square(3, padding: 1))],
          fork: [Unit("branch3x3dbl_3a", 384, row), Unit("branch3x3dbl_3b", 384, column)]),
        Branch(pooling: .average, units: [Unit("branch_pool", 192)]),
      ])
  }
}
