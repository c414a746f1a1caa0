/// Where a window that slides over an image falls: the geometry that convolution and pooling share.
struct ReferenceWindow {
  /// All of these are `[y, x]`.
  let kernel: [Int]
  let strides: [Int]
  let dilations: [Int]
  let padsBefore: [Int]
  let padsAfter: [Int]
  let input: [Int]
  let output: [Int]

  /// - Parameters:
  ///   - kernel: in pixels, before dilation.
  ///   - input: the image's height and width.
  /// - Throws: ``ReferenceError`` when the window does not fit.
  init(_ operation: ReferenceOperation, kernel: [Int], input: [Int]) throws {
    let strides = operation.integers("strides") ?? [1, 1]
    let dilations = operation.integers("dilations") ?? [1, 1]
    let pads = operation.integers("pads") ?? [0, 0, 0, 0]
    let rule = operation.string("auto_pad", default: "NOTSET")
    guard kernel.count == 2, strides.count == 2, dilations.count == 2, pads.count == 4, input.count == 2 else {
      throw operation.failure("only windows with two spatial axes are known")
    }
    var before = [pads[0], pads[1]]
    var after = [pads[2], pads[3]]
    var output = [0, 0]
    for axis in 0..<2 {
      let reach = (kernel[axis] - 1) * dilations[axis] + 1
      switch rule {
      case "NOTSET": break
      case "VALID": (before[axis], after[axis]) = (0, 0)
      case "SAME_UPPER", "SAME_LOWER":
        let wanted = (input[axis] + strides[axis] - 1) / strides[axis]
        let total = max(0, (wanted - 1) * strides[axis] + reach - input[axis])
        (before[axis], after[axis]) =
          rule == "SAME_UPPER" ? (total / 2, total - total / 2) : (total - total / 2, total / 2)
      default: throw operation.failure("auto_pad is \(rule)")
      }
      let room = input[axis] + before[axis] + after[axis] - reach
      guard room >= 0 else { throw operation.failure("the window of \(reach) pixels is wider than the padded image") }
      output[axis] = room / strides[axis] + 1
      // Rounding up adds a window that sticks out at the end, unless it would begin in the padding there.
      if operation.integer("ceil_mode", default: 0) == 1, room % strides[axis] != 0,
        output[axis] * strides[axis] < input[axis] + before[axis]
      {
        output[axis] += 1
      }
    }
    self.kernel = kernel
    self.strides = strides
    self.dilations = dilations
    padsBefore = before
    padsAfter = after
    self.input = input
    self.output = output
  }

  /// The row (axis 0) or column (axis 1) of the image under one tap of a window; outside 0..<input in the padding.
  func position(_ axis: Int, output: Int, tap: Int) -> Int {
    output * strides[axis] - padsBefore[axis] + tap * dilations[axis]
  }

  func isInImage(_ axis: Int, _ position: Int) -> Bool { 0..<input[axis] ~= position }

  func isInPaddedImage(_ axis: Int, _ position: Int) -> Bool {
    -padsBefore[axis]..<input[axis] + padsAfter[axis] ~= position
  }
}
