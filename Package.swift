// swift-tools-version: 6.2
import PackageDescription

/// `make` sets this variable, so that a warning stops our own builds and CI but not a build with a newer compiler.
let warningsAreErrors = Context.environment["ASSAY_WARNINGS_AS_ERRORS"] == "1"
/// `make fuzz` sets this variable: our own targets are built with AddressSanitizer and coverage, in a folder of their own.
let isFuzzing = Context.environment["ASSAY_FUZZ"] == "1"
let sanitizing = SwiftSetting.unsafeFlags([
  "-sanitize=address", "-sanitize-coverage=edge,inline-8bit-counters,pc-table,trace-cmp",
])
let settings: [SwiftSetting] =
  [.swiftLanguageMode(.v6)] + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])
  + (isFuzzing ? [sanitizing] : [])

func library(
  _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [], embedded: [String] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, exclude: exclude, resources: embedded.map { .embedInCode($0) },
    swiftSettings: settings)
}

/// A library for tests alone.
func support(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, path: "Tests/" + name, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], fixtures: Bool = true) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.byName(name: name)] + dependencies,
    resources: fixtures ? [.copy("Fixtures")] : [], swiftSettings: settings)
}

let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")

/// The targets of FuzzTargets under libFuzzer. Gold, the default linker, cannot link them.
let fuzzer: [Target] = [
  .systemLibrary(name: "CFuzzer", path: "Tests/CFuzzer"),
  .executableTarget(
    name: "AssayFuzz", dependencies: ["CFuzzer", "FuzzTargets"], path: "Tests/AssayFuzz", swiftSettings: settings,
    linkerSettings: [.unsafeFlags(["-sanitize=address,fuzzer", "-use-ld=lld"])]),
]

let package = Package(
  name: "Assay",
  products: [
    .executable(name: "assay", targets: ["assay"]),
    // For programs of others: docs/library.md. Each has the modules whose types it hands out.
    .library(name: "AssayInspection", targets: ["AssayInspection", "AssayImage", "AssayModel", "AssayRuntime"]),
    .library(
      name: "AssayWorkflows",
      targets: ["AssayWorkflows", "AssayData", "AssayImage", "AssayInspection", "AssayModel", "AssayRuntime"]),
    .library(name: "AssayStation", targets: ["AssayStation", "AssayHTTP", "AssayInspection", "AssayRuntime"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    // data.yaml of YOLO.
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    // The inspection station: HTTP, TLS and the record.
    .package(
      url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1",
      traits: [.trait(name: "FullFoundation")]),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.1"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // C modules: headers and tiny inline shims. Their .pc files are written by `make setup`.
    .systemLibrary(name: "CAravis", pkgConfig: "assay-aravis"),
    .systemLibrary(name: "CCodecs", pkgConfig: "assay-codecs"),
    .systemLibrary(name: "CFileSystem"),
    .systemLibrary(name: "CMemory"),
    .systemLibrary(name: "CModbus"),
    .systemLibrary(name: "CMosquitto"),
    .systemLibrary(name: "CProcess"),
    .systemLibrary(name: "CONNXRuntime", pkgConfig: "assay-onnxruntime"),
    .systemLibrary(name: "COneDNN", pkgConfig: "assay-onednn"),
    .systemLibrary(name: "COpenVINO", pkgConfig: "assay-openvino"),

    // Hot loops of training for several instruction sets, which only C can be compiled for side by side.
    .target(name: "CKernels"),
    // Opens oneDNN at the first call of one of its functions.
    .target(name: "COneDNNLoader", dependencies: ["COneDNN"]),

    library("AssayBase"),
    library("AssayImage", ["CCodecs"]),
    library("AssayData", ["AssayBase", "AssayImage", crypto, .product(name: "Yams", package: "Yams")]),
    library("AssayMetrics"),
    library(
      "AssayModel", ["AssayImage", "CFileSystem", crypto, .product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["ONNX/onnx.proto"]),
    library("AssayRuntime", ["AssayModel", "AssayImage", "CONNXRuntime", "COpenVINO", crypto]),
    library("AssayLearning", ["AssayModel", "COneDNN", "COneDNNLoader"]),
    library("AssayTraining", ["AssayModel", "CKernels", "COneDNN", "COneDNNLoader"]),
    library("AssayInspection", ["AssayImage", "AssayMetrics", "AssayModel", "AssayRuntime"]),
    library("AssayReport", ["AssayBase", "AssayMetrics"]),
    library(
      "AssayWorkflows",
      [
        "AssayBase", "AssayData", "AssayImage", "AssayInspection", "AssayLearning", "AssayMetrics", "AssayModel",
        "AssayReport",
        "AssayRuntime", "AssayTraining",
      ]),
    library("AssayRecord", [.product(name: "GRDB", package: "GRDB.swift")]),
    library(
      "AssayStation",
      [
        "AssayBase", "AssayData", "AssayImage", "AssayInspection", "AssayMetrics", "AssayModel", "AssayRecord",
        "AssayRuntime", "AssayWorkflows", "CFileSystem", "CMemory", "CProcess", deque,
        .product(name: "Logging", package: "swift-log"),
      ]),
    library(
      "AssayHTTP",
      [
        "AssayImage", "AssayInspection", "AssayModel", "AssayRecord", "AssayRuntime", "AssayStation", "AssayWorkflows",
        crypto, .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      // Says to Node.js that the page's scripts are modules.
      exclude: ["Page/package.json"], embedded: ["Page/Files"]),
    library(
      "AssayPlant",
      [
        "AssayData", "AssayImage", "AssayInspection", "AssayStation", "AssayWorkflows", "CAravis", "CModbus",
        "CMosquitto", deque,
        .product(name: "Logging", package: "swift-log"),
      ]),
    .executableTarget(
      name: "assay",
      dependencies: [
        "AssayBase", "AssayData", "AssayHTTP", "AssayImage", "AssayInspection", "AssayLearning", "AssayMetrics",
        "AssayModel", "AssayPlant",
        "AssayRecord", "AssayRuntime", "AssayStation", "AssayTraining", "AssayWorkflows",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: settings),

    // What a program of others looks like.
    .executableTarget(
      name: "InspectPart", dependencies: ["AssayImage", "AssayInspection"], path: "Examples/Sources/InspectPart",
      swiftSettings: settings),
    .executableTarget(
      name: "TrainLine",
      dependencies: [
        "AssayData", "AssayHTTP", "AssayModel", "AssayStation", "AssayWorkflows",
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Examples/Sources/TrainLine", swiftSettings: settings),

    // Times the record at any size: `benchmarks/record.sh`.
    .executableTarget(
      name: "RecordBenchmark", dependencies: ["AssayRecord"], path: "benchmarks/RecordBenchmark",
      swiftSettings: settings),

    // Calibration and uncertain parts over many small draws: `benchmarks/calibration.sh`.
    .executableTarget(
      name: "CalibrationBenchmark",
      dependencies: [
        "AssayData", "AssayImage", "AssayInspection", "AssayLearning", "AssayModel", "AssayRuntime", "AssayWorkflows",
      ], path: "benchmarks/CalibrationBenchmark", swiftSettings: settings),

    // How often drift is an alarm, without drift and with it: `benchmarks/drift.sh`.
    .executableTarget(
      name: "DriftBenchmark",
      dependencies: [
        "AssayData", "AssayImage", "AssayInspection", "AssayLearning", "AssayMetrics", "AssayModel", "AssayRuntime",
        "AssayStation", "AssayWorkflows",
      ],
      path: "benchmarks/DriftBenchmark", swiftSettings: settings),

    // What tests share: bundles of every kind, pictures, data sets; and a station that answers.
    support("AssayTestSupport", ["AssayImage", "AssayModel", crypto]),
    support(
      "AssayStationSupport",
      ["AssayHTTP", "AssayStation", "AssayTestSupport", .product(name: "Logging", package: "swift-log")]),

    tests("AssayImage"),
    tests("AssayData", ["AssayBase", "AssayImage", "AssayTestSupport"], fixtures: false),
    tests("AssayMetrics"),
    tests("AssayModel", ["AssayImage"], fixtures: false),
    tests("AssayRuntime", ["AssayImage", "AssayLearning", "AssayModel"]),
    tests("AssayLearning", ["AssayModel"]),
    tests("AssayTraining", ["AssayModel", "CKernels"]),
    tests("AssayInspection", ["AssayImage", "AssayModel", "AssayRuntime"], fixtures: false),
    tests("AssayReport", ["AssayMetrics"], fixtures: false),
    tests(
      "AssayPlant",
      [
        "AssayHTTP", "AssayImage", "AssayInspection", "AssayStation", "AssayTestSupport", "AssayWorkflows", "CModbus",
        .product(name: "Logging", package: "swift-log"),
      ],
      fixtures: false),
    tests("AssayRecord", [.product(name: "GRDB", package: "GRDB.swift")], fixtures: false),
    tests(
      "AssayStation",
      [
        "AssayImage", "AssayInspection", "AssayModel", "AssayRecord", "AssayTestSupport",
        .product(name: "Logging", package: "swift-log"),
      ],
      fixtures: false),
    tests(
      "AssayHTTP",
      [
        "assay", "AssayData", "AssayImage", "AssayInspection", "AssayLearning", "AssayModel", "AssayPlant",
        "AssayRecord",
        "AssayStation", "AssayStationSupport", "AssayTestSupport", "AssayTraining", "AssayWorkflows",
        .product(name: "Logging", package: "swift-log"),
      ], fixtures: false),
    tests(
      "AssayWorkflows",
      [
        "AssayData", "AssayImage", "AssayInspection", "AssayLearning", "AssayModel", "AssayReport",
        "AssayRuntime", "AssayTestSupport", "AssayTraining",
      ], fixtures: false),
    // Every kind of inspector before everything that takes one, also the command line.
    .testTarget(
      name: "AssayKindTests",
      dependencies: [
        "assay", "AssayHTTP", "AssayImage", "AssayInspection", "AssayModel", "AssayPlant", "AssayRuntime",
        "AssayStation",
        "AssayStationSupport", "AssayTestSupport",
      ],
      exclude: ["Fixtures", "Goldens"], swiftSettings: settings),
    // Every reader of bytes from outside, and what fuzzing has found, read again.
    support(
      "FuzzTargets",
      [
        "AssayData", "AssayHTTP", "AssayImage", "AssayInspection", "AssayModel", "AssayPlant", "AssayStation",
        "AssayTestSupport", "AssayTraining", "AssayWorkflows", .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
      ]),
    .testTarget(
      name: "AssayFuzzTests", dependencies: ["FuzzTargets"], exclude: ["Corpus"], swiftSettings: settings),
    // The built program, run as its users run it.
    .testTarget(
      name: "AssayCommandTests",
      dependencies: ["assay", "AssayLearning", "AssayModel", "AssayRuntime", "AssayTraining", "AssayWorkflows"],
      swiftSettings: settings
    ),
  ] + (isFuzzing ? fuzzer : [])
)
