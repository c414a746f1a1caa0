import AssayGraph
import Foundation

/// A file that somebody made to harm whoever opens it.
struct HostileFile {
  let name: String
  let bytes: [UInt8]
  /// What the error must say besides the file's name.
  let reason: String

  init(_ name: String, _ reason: String, _ bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    self.reason = reason
  }

  static func all() throws -> [HostileFile] { pickles + archives + streams + headers + (try graphs()) }

  private static func pickle(_ name: String, _ reason: String, _ pickle: Pickle) -> HostileFile {
    HostileFile(name + ".pth", reason, Archive(pickle).bytes)
  }

  /// Programs in place of values.
  private static var pickles: [HostileFile] {
    [
      pickle(
        "system", "os.system",
        Pickle {
          $0.global("os", "system")
          $0.text("true")
          $0.op(0x85, 0x52)
        }),
      pickle(
        "eval", "builtins.eval",
        Pickle {
          $0.global("builtins", "eval")
          $0.text("1")
          $0.op(0x85, 0x52)
        }),
      pickle(
        "stack-global", "posix.system",
        Pickle {
          $0.text("posix")
          $0.text("system")
          $0.op(0x93, 0x29, 0x52)
        }),
      pickle(
        "getattr-inside", "builtins.getattr",
        .dictionary {
          $0.text("w")
          $0.global("torch._utils", "_rebuild_tensor_v2")
          $0.global("builtins", "getattr")
          $0.op(0x29, 0x52, 0x85, 0x52)
        }),
      pickle(
        "reduce-twice", "malformed",
        Pickle {
          $0.global("collections", "OrderedDict")
          $0.op(0x29, 0x52, 0x29, 0x52)
        }),
      pickle(
        "storage-called", "malformed",
        Pickle {
          $0.global("torch", "FloatStorage")
          $0.op(0x29, 0x52)
        }),
      pickle(
        "inst", "opcode 0x69",
        Pickle {
          $0.op(0x28)
          $0.bytes += Array("ios\nsystem\n".utf8)
        }),
      pickle(
        "obj", "opcode 0x6f",
        Pickle {
          $0.op(0x28)
          $0.global("torch", "FloatStorage")
          $0.op(0x6F)
        }),
      pickle(
        "newobj", "opcode 0x81",
        Pickle {
          $0.global("collections", "OrderedDict")
          $0.op(0x29, 0x81)
        }),
      pickle("extension", "opcode 0x82", Pickle { $0.op(0x82, 1) }),
      pickle("long-name", "...", Pickle { $0.global(String(repeating: "a", count: 500_000), "b") }),
      // Each list holds the one before ten times: 10^200 elements, were they ever counted.
      pickle(
        "laughs", "no dictionary",
        Pickle {
          $0.op(0x5D, 0x71, 0)
          for level in UInt8(1)...200 {
            $0.op(0x5D, 0x28)
            for _ in 0..<10 { $0.op(0x68, level - 1) }
            $0.op(0x65, 0x71, level)
          }
        }),
      pickle("deep-tuples", "no dictionary", Pickle { $0.bytes += [0x29] + [UInt8](repeating: 0x85, count: 450_000) }),
      pickle(
        "deep-lists", "no dictionary",
        Pickle { $0.bytes += [UInt8](repeating: 0x5D, count: 200_000) + [UInt8](repeating: 0x61, count: 199_999) }),
      pickle("endless", "operations", Pickle { $0.bytes += [UInt8](repeating: 0x4E, count: 600_000) }),
      // A list that is remembered each time it has grown: copies of it would take the square of its length.
      pickle(
        "growing", "no dictionary",
        Pickle {
          $0.op(0x5D)
          for _ in 0..<100_000 { $0.op(0x4B, 1, 0x61, 0x71, 0) }
        }),
      pickle(
        "holds-itself", "no tensors",
        Pickle {
          $0.op(0x7D, 0x71, 0, 0x28)
          $0.text("state_dict")
          $0.op(0x68, 0, 0x75)
        }),
      pickle(
        "overlap", "overlap",
        .dictionary {
          $0.tensor("v", shape: [4], strides: [1])
          $0.tensor("w", shape: [4], strides: [1], offset: 2)
        }),
      pickle(
        "stride-zero", "overlaps itself", .dictionary { $0.tensor("w", shape: [40_000, 40_000], strides: [0, 0]) }),
      pickle("beyond", "reaches element 8", .dictionary { $0.tensor("w", shape: [9], strides: [1]) }),
      pickle("stride-overflow", "overflows", .dictionary { $0.tensor("w", shape: [3, 2], strides: [1 << 62, 1]) }),
      pickle("size-overflow", "overflows", .dictionary { $0.tensor("w", shape: [1 << 62, 16], strides: [0, 0]) }),
      pickle("negative-size", "negative", .dictionary { $0.tensor("w", shape: [-1, -8], strides: [1, 1]) }),
      pickle("negative-offset", "negative", .dictionary { $0.tensor("w", shape: [2], strides: [1], offset: -4) }),
      pickle(
        "two-gigabytes", "claims 536870912", .dictionary { $0.tensor("w", shape: [2], strides: [1], count: 1 << 29) }),
      pickle(
        "storage-outside", "no a/data/../../../etc/passwd",
        .dictionary { $0.tensor("w", shape: [2], strides: [1], storage: "../../../etc/passwd") }),
      pickle(
        "key-twice", "twice",
        .dictionary {
          $0.tensor("w", shape: [2], strides: [1])
          $0.tensor("w", shape: [4], strides: [1], offset: 4)
        }),
    ]
  }

  private static let good = Pickle.dictionary { $0.tensor("w", shape: [8], strides: [1]) }

  private static func archive(_ name: String, _ reason: String, _ change: (inout Archive) -> Void) -> HostileFile {
    var archive = Archive(good)
    change(&archive)
    return HostileFile(name + ".pth", reason, archive.bytes)
  }

  /// Zip archives.
  private static var archives: [HostileFile] {
    [
      archive("zip-parent", "leads out") { $0.entries.append(.init(name: "../../evil", bytes: [1])) },
      archive("zip-absolute", "leads out") { $0.entries.append(.init(name: "/etc/cron.d/evil", bytes: [1])) },
      archive("zip-two-gigabytes", "claims 2147483648") { $0.entries[1].size = 1 << 31 },
      archive("zip-bomb", "compressed") { $0.entries[1].method = 8 },
      archive("zip-checksum", "checksum") { $0.entries[1].checksum = 1 },
      archive("zip-overlap", "overlaps") { $0.entries[0].reach = 40 },
      archive("zip-same-name", "twice") { $0.entries.append($0.entries[1]) },
      archive("zip-two-names", "another name") { $0.entries[1].nameInDirectory = "a/data/1" },
      archive("zip-directory-cut", "claims 900") { $0.entryCount = 900 },
      archive("zip-directory-beyond", "beyond") { $0.directoryOffset = 0xFFFF_FF00 },
      archive("zip64-size", "claims") {
        $0.entries[1].size = .max
        $0.entries[1].extra = [1, 0, 16, 0] + littleEndian(UInt64.max) + littleEndian(UInt64.max)
      },
      archive("zip64-cut", "cut off") {
        $0.entries[1].size = .max
        $0.entries[1].extra = [1, 0, 4, 0, 0, 0, 0, 0]
      },
      archive("zip64-lost", "zip64") { $0.hasLostZip64 = true },
      archive("zip-program", "TorchScript") { $0.entries.append(.init(name: "a/constants.pkl", bytes: [1])) },
      archive("zip-big-endian", "byte order") {
        $0.entries.append(.init(name: "a/byteorder", bytes: Array("big".utf8)))
      },
      HostileFile("zip-cut.pth", "directory", Array(Archive(good).bytes.dropLast(30))),
    ]
  }

  /// The format before zip archives.
  private static var streams: [HostileFile] {
    let system = Pickle {
      $0.global("os", "system")
      $0.text("true")
      $0.op(0x85, 0x52)
    }
    return [
      HostileFile("old-system.pth", "os.system", legacyFile(system)),
      HostileFile("old-count.pth", "claims 2305843009213693952", legacyFile(good, count: 1 << 61)),
      HostileFile("old-keys-twice.pth", "twice", legacyFile(good, keys: ["0", "0"])),
      HostileFile("old-no-storage.pth", "missing", legacyFile(good, keys: [])),
      HostileFile("old-cut.pth", "truncated", Array(legacyFile(good).prefix(60))),
      HostileFile("old-tar.tar", "neither", [UInt8](repeating: 0x61, count: 1024)),
      HostileFile("hash-0123abcd.pth", "its name says 0123abcd", Archive(good).bytes),
    ]
  }

  private static func header(_ name: String, _ reason: String, _ json: String, data: Int = 0) -> HostileFile {
    HostileFile(name + ".safetensors", reason, safetensors(json, data: data))
  }

  private static func tensor(_ shape: String, _ offsets: String, type: String = "F32") -> String {
    "{\"dtype\":\"\(type)\",\"shape\":[\(shape)],\"data_offsets\":[\(offsets)]}"
  }

  private static var manyTensors: String {
    "{" + (0...100_000).map { "\"t\($0)\":\(tensor("0", "0,0"))" }.joined(separator: ",") + "}"
  }

  /// safetensors.
  private static var headers: [HostileFile] {
    [
      HostileFile("header-huge.safetensors", "claims", safetensors("{}", length: 1 << 63)),
      HostileFile("header-beyond.safetensors", "claims 3 bytes", safetensors("{}", length: 3)),
      header("inside", "inside another", "{\"a\":\(tensor("2", "0,8")),\"b\":\(tensor("2", "4,12"))}", data: 12),
      header("same", "inside another", "{\"a\":\(tensor("2", "0,8")),\"b\":\(tensor("2", "0,8"))}", data: 8),
      header("gap", "gap", "{\"a\":\(tensor("2", "8,16"))}", data: 16),
      header("backwards", "lacks", "{\"a\":\(tensor("2", "8,0"))}", data: 8),
      header("type", "F8_E4M3", "{\"a\":\(tensor("8", "0,8", type: "F8_E4M3"))}", data: 8),
      header("product", "overflows", "{\"a\":\(tensor("4294967296,4294967296", "0,8"))}", data: 8),
      header("number", "overflows", "{\"a\":\(tensor("99999999999999999999", "0,8"))}", data: 8),
      header("minus", "no whole number", "{\"a\":\(tensor("-1", "0,8"))}", data: 8),
      header("exponent", "malformed", "{\"a\":\(tensor("1e9", "0,8"))}", data: 8),
      header("short", "needs 4000000000 bytes", "{\"a\":\(tensor("1000000000", "0,8"))}", data: 8),
      header("end", "ends at byte", "{\"a\":\(tensor("2000000000", "0,8000000000"))}", data: 8),
      header("rest", "belong to no tensor", "{\"a\":\(tensor("2", "0,8"))}", data: 9),
      header("names", "twice", "{\"a\":\(tensor("2", "0,8")),\"a\":\(tensor("2", "8,16"))}", data: 16),
      header("many", "more than 100000 tensors", manyTensors),
      header("nested", "no whole number", "{\"a\":{\"shape\":" + String(repeating: "[", count: 1_000_000)),
      header("objects", "has a field", "{" + String(repeating: "\"a\":{", count: 200_000)),
    ]
  }

  private static func graphs() throws -> [HostileFile] {
    let whole = try graph { _ in }
    return [
      HostileFile("cycle.onnx", "cycle", try graph { $0.node[0].input[0] = "y" }),
      HostileFile("own-input.onnx", "cycle", try graph { $0.node[1].input = ["y"] }),
      HostileFile("missing.onnx", "nothing computes", try graph { $0.node[1].input = ["z"] }),
      HostileFile("no-output.onnx", "computed by nothing", try graph { $0.output[0].name = "z" }),
      HostileFile("same-names.onnx", "are called x", try graph { $0.node[1].output = ["x"] }),
      HostileFile(
        "raw-short.onnx", "needs 192 bytes and has 4", try graph { $0.initializer[0].rawData = Data(count: 4) }),
      HostileFile("list-short.onnx", "needs 48 values", try graph { $0.initializer[0].clearRawData() }),
      HostileFile("dims-overflow.onnx", "claims the shape", try graph { $0.initializer[0].dims = [1 << 40, 1 << 40] }),
      HostileFile("dims-negative.onnx", "claims the shape", try graph { $0.initializer[0].dims = [-4, -12] }),
      HostileFile("dims-two-gigabytes.onnx", "needs 2147483648", try graph { $0.initializer[0].dims = [1 << 29] }),
      HostileFile("type.onnx", "type 77", try graph { $0.initializer[0].dataType = 77 }),
      HostileFile(
        "absolute.onnx", "outside of", try graph { $0.initializer[0] = external("w", [4, 3, 2, 2], "/etc/passwd") }),
      HostileFile(
        "parent.onnx", "outside of", try graph { $0.initializer[0] = external("w", [4, 3, 2, 2], "../secret.bin") }),
      HostileFile("link.onnx", "a link", try graph { $0.initializer[0] = external("w", [4, 3, 2, 2], "link.bin") }),
      HostileFile(
        "no-data.onnx", "not there", try graph { $0.initializer[0] = external("w", [4, 3, 2, 2], "none.bin") }),
      HostileFile(
        "data-beyond.onnx", "claims all at 9000000000",
        try graph { $0.initializer[0] = external("w", [4, 3, 2, 2], "data.bin", offset: "9000000000") }),
      HostileFile(
        "data-again.onnx", "more of data.bin than there is",
        try graph {
          $0.initializer[0] = external("w", [4, 3, 2, 2], "data.bin")
          $0.initializer += (0..<50).map { external("w\($0)", [4, 3, 2, 2], "data.bin") }
        }),
      HostileFile("operator.onnx", "Evil", try graph { $0.node[1].opType = "Evil" }),
      HostileFile("domain.onnx", "com.evil.Relu", try graph { $0.node[1].domain = "com.evil" }),
      HostileFile("loop.onnx", "Loop", try graph { $0.node[1].opType = "Loop" }),
      HostileFile("random.onnx", "RandomNormal", try graph { $0.node[1].opType = "RandomNormal" }),
      HostileFile(
        "subgraph.onnx", "no number or tensor",
        try graph {
          $0.node[1].attribute = [.init()]
          $0.node[1].attribute[0].type = .graph
        }),
      HostileFile(
        "filled.onnx", "too large",
        try graph {
          $0.initializer.append(integers("s", [1 << 31]))
          $0.node.append(node("ConstantOfShape", ["s"], "z"))
        }),
      HostileFile(
        "expanded.onnx", "too large",
        try graph {
          $0.initializer.append(integers("s", [1, 4, 1 << 20, 1 << 20]))
          $0.node[0] = node("GlobalAveragePool", ["image"], "p")
          $0.node.insert(node("Conv", ["p", "k"], "x"), at: 1)
          $0.initializer.append(constant("k", [4, 3, 1, 1]))
          $0.node.append(node("Expand", ["x", "s"], "z"))
        }),
      HostileFile(
        "tiled.onnx", "too large",
        try graph {
          $0.initializer.append(integers("s", [1, 1, 1 << 14, 1 << 14]))
          $0.node.append(node("Tile", ["y", "s"], "z"))
        }),
      HostileFile(
        "padded.onnx", "too large",
        try graph {
          $0.node[0] = node(
            "Conv", ["image", "w"], "x",
            ints: [("kernel_shape", [2, 2]), ("strides", [1, 1]), ("pads", [1 << 20, 1 << 20, 1 << 20, 1 << 20])])
        }),
      HostileFile(
        "multiplied.onnx", "too large",
        try graph {
          $0.initializer += [integers("a", [1 << 16]), integers("b", [1 << 16])]
          $0.node += [node("Mul", ["a", "b"], "s"), node("ConstantOfShape", ["s"], "z")]
        }),
      HostileFile(
        "not-finite.onnx", "its weights w hold values that are not finite",
        try graph { $0.initializer[0].rawData.replaceSubrange(0..<4, with: [0, 0, 0xC0, 0x7F]) }),
      HostileFile(
        "long-run.onnx", "operators on single elements follow one another",
        try graph { graph in
          graph.node += (0..<5000).map { node("Relu", [$0 == 0 ? "y" : "r\($0 - 1)"], "r\($0)") }
        }),
      HostileFile(
        "many-nodes.onnx", "20002 nodes, more than",
        try graph { graph in
          graph.node += (0..<20_000).map { node("Softmax", [$0 == 0 ? "y" : "r\($0 - 1)"], "r\($0)") }
        }),
      HostileFile("cut.onnx", "not an ONNX model", Array(whole.dropLast(7))),
      HostileFile("length.onnx", "not an ONNX model", [0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0x0A]),
      // A field that nobody knows, opened a hundred thousand times and never closed.
      HostileFile("groups.onnx", "not an ONNX model", [UInt8](repeating: 0x7B, count: 100_000)),
      HostileFile("text.onnx", "not an ONNX model", Array("#!/bin/sh\nrm -rf /\n".utf8)),
    ]
  }
}
