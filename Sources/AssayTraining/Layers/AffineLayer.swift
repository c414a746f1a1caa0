import CKernels

/// x * scale + shift with constants, one for all or one for each channel.
final class AffineLayer: Layer {
  private let x: Value
  private let y: Value
  private let map: Operation.Affine
  private let scale: BlockVectors
  private let shift: BlockVectors
  private let zeros: BlockVectors

  init(_ map: Operation.Affine, x: Value, y: Value, block: Int) {
    self.map = map
    self.x = x
    self.y = y
    let padded = (x.channels + block - 1) / block * block
    (scale, shift, zeros) = (.init(count: padded), .init(count: padded), .init(count: padded))
    // The padding stays zero.
    for channel in 0..<x.channels {
      scale[channel] = map.scale.count == 1 ? map.scale[0] : map.scale[channel]
      shift[channel] = map.shift.count == 1 ? map.shift[0] : map.shift[channel]
    }
  }

  func forward(_ schedule: Schedule) { add(schedule, x.buffer, y.buffer, shift: shift) }

  private func add(_ schedule: Schedule, _ source: Buffer, _ target: Buffer, shift: BlockVectors) {
    let (oneDNN, scale, plane) = (schedule.oneDNN, scale, x.plane)
    if x.layout == .blocked {
      let (block, blocks) = (oneDNN.block, oneDNN.blocks(x.channels))
      return schedule.step([source, target]) { [x] in
        let (a, out) = (source.pointer, target.pointer)
        oneDNN.team.divide(x.shape[0] * blocks) { range in
          for index in range {
            let (at, own) = (index * plane * block, index % blocks * block)
            oneDNN.kernels.affine(a + at, out + at, plane, scale.pointer + own, shift.pointer + own, 0)
          }
        }
      }
    }
    let (channels, isScalar) = (x.channels, map.scale.count == 1)
    schedule.step([source, target]) {
      let (a, out) = (source.pointer, target.pointer)
      guard !isScalar else {
        let (s, t) = (scale[0], shift[0])
        return oneDNN.team.divide(target.count) { range in for index in range { out[index] = a[index] * s + t } }
      }
      oneDNN.team.divide(target.count / plane) { range in
        for row in range {
          let (s, t) = (scale[row % channels], shift[row % channels])
          for index in row * plane..<(row + 1) * plane { out[index] = a[index] * s + t }
        }
      }
    }
  }

  func backward(_ schedule: Schedule) {
    guard let dy = y.takeWholeGradient(schedule), x.needsGradient else { return }
    add(schedule, dy, dy, shift: zeros)
    x.give(dy)
  }
}

/// x + parameter, the parameter repeated over the leading dimensions; plain.
final class AddParameterLayer: Layer {
  private let x: Value
  private let y: Value
  private let parameter: Parameter

  init(_ parameter: Parameter, x: Value, y: Value) {
    self.parameter = parameter
    self.x = x
    self.y = y
  }

  func forward(_ schedule: Schedule) {
    let (values, team) = (parameter.values, schedule.oneDNN.team)
    schedule.step([x.buffer, y.buffer]) { [x, y] in
      let (a, out, width) = (x.buffer.pointer, y.buffer.pointer, values.count)
      team.divide(y.buffer.count / width) { rows in
        for row in rows { for index in 0..<width { out[row * width + index] = a[row * width + index] + values[index] } }
      }
    }
  }

  func backward(_ schedule: Schedule) {
    guard let dy = y.takeWholeGradient(schedule) else { return }
    if parameter.isTrained {
      let gradient = parameter.gradient
      schedule.step([dy]) { RowSums.add(dy.pointer, rows: dy.count / gradient.count, into: gradient) }
    }
    if x.needsGradient { x.give(dy) }
  }
}

enum RowSums {
  /// sums[c] = sum of x[r, c] over the rows.
  static func add(_ x: UnsafePointer<Float>, rows: Int, into sums: UnsafeMutableBufferPointer<Float>) {
    sums.update(repeating: 0)
    let width = sums.count
    for row in 0..<rows { for index in 0..<width { sums[index] += x[row * width + index] } }
  }
}
