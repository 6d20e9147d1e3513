// swift-tools-version: 6.2
import PackageDescription

/// The language features that every Swift target turns on, as in the package above.
let features: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

// A package of its own, so that nobody who depends on the library, and no test of it, builds a web
// server.
let package = Package(
  name: "starling-lab",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "starling-lab", targets: ["StarlingLab"])
  ],
  dependencies: [
    .package(name: "starling", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
    // Parts of Hummingbird that are called by name.
    .package(url: "https://github.com/apple/swift-http-types", from: "1.4.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.86.0"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.27.0"),
  ],
  targets: [
    .executableTarget(
      name: "StarlingLab",
      dependencies: [
        .product(name: "LineByLine", package: "starling"),
        .product(name: "Starling", package: "starling"),
        .product(name: "StarlingData", package: "starling"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
      ],
      resources: [
        .copy("Resources/site"),
        .copy("Resources/source"),
        .copy("Resources/openapi.json"),
      ],
      swiftSettings: features),
    .testTarget(
      name: "StarlingLabTests",
      dependencies: [
        "StarlingLab",
        .product(name: "LineByLine", package: "starling"),
        .product(name: "Starling", package: "starling"),
        .product(name: "StarlingData", package: "starling"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdTesting", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOCore", package: "swift-nio"),
      ],
      swiftSettings: features),
  ],
  swiftLanguageModes: [.v6]
)
