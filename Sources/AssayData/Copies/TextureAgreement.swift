/// How well the kept textures of two aligned pictures agree, block by block: a quick look before the exact check.
struct TextureAgreement: Sendable, Equatable {
  /// Share of the smaller picture that the other one shows too.
  let overlap: Float
  /// The median of the blocks' correlations, and the quarter that is no better than this; -1 when there is no block where
  /// both have texture.
  let median: Float
  let quarter: Float

  /// Worth an exact check. Copies, even from coarse JPEGs, agree better than this; photographs of one part agree where its
  /// edges are, and not in between.
  var isLikely: Bool { overlap >= FineAgreement.leastOverlap - 0.1 && median >= 0.55 && quarter >= 0.4 }

  /// Samples of the texture a side.
  private static let side = 8
  /// Variance of a block below which it has no texture, of values in steps of 1/32.
  private static let faint: Float = 25

  init(_ store: FingerprintStore, _ a: Int, _ b: Int, _ alignment: CopyAlignment) {
    let (wa, ha) = (Int(store.sizes[a].width), Int(store.sizes[a].height))
    let (wb, hb) = (Int(store.sizes[b].width), Int(store.sizes[b].height))
    let offset = alignment.offset / Float(Fingerprint.Texture.step)
    let across = (wa + Self.side - 1) / Self.side
    var blocks = [Block](repeating: Block(), count: across * ((ha + Self.side - 1) / Self.side))
    var shared = 0
    store.textures.withUnsafeBufferPointer { textures in
      let (first, second) = (a * Fingerprint.Texture.capacity, b * Fingerprint.Texture.capacity)
      for y in 0..<ha {
        let v = Float(y) * alignment.scale.y + offset.y
        guard v >= 0, v < Float(hb - 1) else { continue }
        let row = Int(v)
        let down = v - Float(row)
        for x in 0..<wa {
          let u = Float(x) * alignment.scale.x + offset.x
          guard u >= 0, u < Float(wb - 1) else { continue }
          let column = Int(u)
          let right = u - Float(column)
          let at = second + row * wb + column
          let above = Float(textures[at]) * (1 - right) + Float(textures[at + 1]) * right
          let below = Float(textures[at + wb]) * (1 - right) + Float(textures[at + wb + 1]) * right
          blocks[y / Self.side * across + x / Self.side].add(
            Float(textures[first + y * wa + x]), above * (1 - down) + below * down)
          shared += 1
        }
      }
    }
    let area = min(Float(wa * ha), Float(wb * hb) / (alignment.scale.x * alignment.scale.y))
    overlap = Float(shared) / max(1, area)
    let found = blocks.filter { $0.count >= Float(Self.side * Self.side / 2) }.compactMap(\.correlation).sorted()
    median = found.isEmpty ? -1 : found[found.count / 2]
    quarter = found.isEmpty ? -1 : found[found.count / 4]
  }

  private struct Block {
    var count: Float = 0
    var (a, b, aa, bb, ab): (Float, Float, Float, Float, Float) = (0, 0, 0, 0, 0)

    mutating func add(_ x: Float, _ y: Float) {
      count += 1
      a += x
      b += y
      aa += x * x
      bb += y * y
      ab += x * y
    }

    var correlation: Float? {
      let (va, vb) = (aa / count - a / count * (a / count), bb / count - b / count * (b / count))
      guard va > TextureAgreement.faint, vb > TextureAgreement.faint else { return nil }
      return (ab / count - a / count * (b / count)) / (va * vb).squareRoot()
    }
  }
}
