/// Which colour a sensor's pixels see: every 2 x 2 square has a red, a blue and two green ones.
struct BayerPattern {
  /// Column and row, 0 or 1, of the red pixel in each square; the blue one is diagonally opposite.
  private let redX: Int
  private let redY: Int

  init(_ format: PixelFormat) {
    switch format {
    case .bayerGR8: (redX, redY) = (1, 0)
    case .bayerGB8: (redX, redY) = (0, 1)
    case .bayerBG8: (redX, redY) = (1, 1)
    default: (redX, redY) = (0, 0)
    }
  }

  /// 0 red, 1 green, 2 blue.
  private func colour(_ x: Int, _ y: Int) -> Int {
    let isRedColumn = x & 1 == redX
    let isRedRow = y & 1 == redY
    return isRedColumn == isRedRow ? (isRedRow ? 0 : 2) : 1
  }

  /// Bilinear interpolation: a colour that a pixel does not see is the mean of its neighbours (of the eight around it,
  /// within the picture) that see it.
  /// - Parameter mosaic: `[H, W]`.
  /// - Returns: `[H, W, 3]`, RGB.
  func colours(of mosaic: [UInt8], width: Int, height: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 3 * width * height) { result, count in
      mosaic.withUnsafeBufferPointer { mosaic in
        for y in 0..<height {
          let isInside = y > 0 && y < height - 1
          for x in 0..<width {
            let place = y * width + x
            let own = colour(x, y)
            if isInside, x > 0, x < width - 1 {
              func mean(_ offsets: (Int, Int, Int, Int)) -> UInt8 {
                let sum =
                  Int(mosaic[place + offsets.0]) + Int(mosaic[place + offsets.1]) + Int(mosaic[place + offsets.2])
                  + Int(mosaic[place + offsets.3])
                return UInt8((sum + 2) >> 2)
              }
              func mean(_ a: Int, _ b: Int) -> UInt8 {
                UInt8((Int(mosaic[place + a]) + Int(mosaic[place + b]) + 1) >> 1)
              }
              if own == 1 {
                let beside = mean(-1, 1)
                let above = mean(-width, width)
                // The red ones are in this row, or above and below.
                let isRedRow = y & 1 == redY
                result[3 * place] = isRedRow ? beside : above
                result[3 * place + 1] = mosaic[place]
                result[3 * place + 2] = isRedRow ? above : beside
              } else {
                result[3 * place + own] = mosaic[place]
                result[3 * place + 1] = mean((-1, 1, -width, width))
                result[3 * place + 2 - own] = mean((-width - 1, -width + 1, width - 1, width + 1))
              }
            } else {
              edge(mosaic, x, y, width, height, into: result)
            }
          }
        }
      }
      count = 3 * width * height
    }
  }

  private func edge(
    _ mosaic: UnsafeBufferPointer<UInt8>, _ x: Int, _ y: Int, _ width: Int, _ height: Int,
    into result: UnsafeMutableBufferPointer<UInt8>
  ) {
    var sums = (0, 0, 0)
    var counts = (0, 0, 0)
    for v in max(0, y - 1)...min(height - 1, y + 1) {
      for u in max(0, x - 1)...min(width - 1, x + 1) {
        let value = Int(mosaic[v * width + u])
        switch colour(u, v) {
        case 0: (sums.0, counts.0) = (sums.0 + value, counts.0 + 1)
        case 1 where (u == x) != (v == y) || (u == x && v == y):
          (sums.1, counts.1) = (sums.1 + value, counts.1 + 1)
        case 2: (sums.2, counts.2) = (sums.2 + value, counts.2 + 1)
        default: break
        }
      }
    }
    let own = colour(x, y)
    let values = [(sums.0, counts.0), (sums.1, counts.1), (sums.2, counts.2)]
    for (channel, (sum, count)) in values.enumerated() {
      let place = 3 * (y * width + x) + channel
      // A picture of one row or column does not see every colour.
      result[place] = channel == own ? mosaic[y * width + x] : count == 0 ? 0 : UInt8((2 * sum + count) / (2 * count))
    }
  }
}
