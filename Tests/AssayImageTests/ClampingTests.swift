import AssayImage
import Testing

/// A number that no whole one stands for is the nearest that does; nothing ends the program.
@Suite struct ClampingTests {
  @Test func wholeNumbers() {
    #expect(Int(clamping: Double.nan) == 0 && Int(clamping: -Float.nan) == 0)
    #expect(Int(clamping: Double.infinity) == .max && Int(clamping: -Double.infinity) == .min)
    // The first beyond, and the last within.
    #expect(Int(clamping: 0x1p63) == .max && Int(clamping: 0x1p63.nextDown) == Int(0x1p63.nextDown))
    #expect(Int(clamping: -0x1p63) == .min && Int64(clamping: 1e300) == .max)
    #expect(Int(clamping: 2.9) == 2 && Int(clamping: -2.9) == -2 && Int(clamping: Float(7)) == 7)
    #expect(UInt8(clamping: 255.5) == 255 && UInt8(clamping: 254.9) == 254 && UInt8(clamping: -1.0) == 0)
    #expect(UInt8(clamping: Float.nan) == 0 && UInt16(clamping: 1e9) == 65_535 && UInt16(clamping: 65_535.0) == 65_535)
    #expect(Int32(clamping: 1e10) == .max && Int32(clamping: -1e10) == .min)
  }

  /// Marks that are no numbers, or lie beyond all pictures, are not drawn; those behind them are.
  @Test func marks() {
    var canvas = Canvas(width: 4, height: 4, colour: .black)
    let empty = canvas
    for odd in [Double.nan, .infinity, -.infinity, 1e300] {
      canvas.outline([PixelPoint(x: odd, y: 1), PixelPoint(x: 1, y: odd)], .white)
    }
    for odd in [Double.nan, .infinity] {
      canvas.outline(PixelRectangle(x: odd, y: 0, width: 2, height: odd), .white)
    }
    canvas.outline(PixelRectangle(x: 0, y: 0, width: .nan, height: 2), .white)
    #expect(canvas == empty)
  }
}
