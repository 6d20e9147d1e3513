import HTTPTypes
import HummingbirdTesting
import Testing

@Suite("Requests that are wrong before they say anything")
struct RequestTests {
  @Test("A wrong method is told the right ones")
  func methods() async throws {
    let answers = try await lab { client in
      [
        try await client.get("/api/sigmoid"),
        try await client.get("/api/source", method: .put),
        try await client.get("/api/source/Volume.swift", method: .delete),
        try await client.get("/1", method: .patch),
      ]
    }
    #expect(answers.allSatisfy { $0.status == .methodNotAllowed && $0.field == "method" })
    #expect(answers.map { $0.headers[.allow] } == ["POST", "GET, HEAD", "GET, HEAD", "GET, HEAD"])
    #expect(
      answers[0].message == "'/api/sigmoid': expected POST, found 'GET'; ask with POST")
  }

  @Test("A body has a type, a length and a limit")
  func bodies() async throws {
    let (plain, bare, long, most) = try await lab { client in
      (
        try await client.post("/api/sigmoid", #"{"x": 0}"#, headers: [.contentType: "text/plain"]),
        try await client.get(
          "/api/sigmoid", method: .post, headers: [.contentType: "application/json"]),
        try await client.post("/api/sigmoid", String(repeating: " ", count: 65_537)),
        try await client.post(
          "/api/sigmoid", #"{"x": 0}"# + String(repeating: " ", count: 65_528),
          headers: [.contentType: "Application/JSON ; charset=utf-8"])
      )
    }
    #expect(plain.status == .unsupportedMediaType)
    #expect(
      plain.message
        == "the body: expected Content-Type application/json, found 'text/plain'; send JSON and say so"
    )
    #expect(bare.status == .lengthRequired)
    #expect(long.status == .contentTooLarge)
    #expect(
      long.message
        == "the body: expected at most 65536 bytes, found more; send fewer or shorter numbers")
    #expect(most.status == .ok)
  }

  @Test(
    "A field of the query that nobody asked for is named, whatever the route",
    arguments: [
      "source", "source/Volume.swift", "openapi.json", "data", "network", "planted", "runs/none",
      "runs/none/events", "runs/none/checks",
    ])
  func queryOfGet(path: String) async throws {
    let answer = try await lab { try await $0.get("/api/\(path)?limt=3") }
    #expect(answer.status == .badRequest)
    #expect(answer.field == "limt")
    #expect(answer.message == "limt: expected no fields, found another; leave it out")
  }

  @Test("So it is where there is a body", arguments: ["sigmoid", "runs", "runs/none/stop"])
  func queryOfPost(path: String) async throws {
    let answer = try await lab { try await $0.post("/api/\(path)?x=1&x=2", "{}") }
    #expect(answer.status == .badRequest)
    #expect(answer.message == "x: expected it once in the query, found it again; give it once")
  }

  @Test(
    "What is not JSON is refused with the byte",
    arguments: [
      ("", "byte 1: expected a value, found the end"),
      ("{", "byte 2: expected a name in quotes, found the end"),
      ("{x: 1}", "byte 2: expected a name in quotes, found 'x'"),
      (#"{"x": NaN}"#, "byte 7: expected a value, found 'N'"),
      (#"{"x": 01}"#, "byte 8: expected ',' or '}', found '1'"),
      (#"{"x": 1.}"#, "byte 9: expected a digit, found '}'"),
      (#"{"x": +1}"#, "byte 7: expected a value, found '+'"),
      (#"{"x": 1,}"#, "byte 9: expected a name in quotes, found '}'"),
      (#"{"x": 1} {}"#, "byte 10: expected the end, found '{'"),
      (#"{"x": "\ud800"}"#, "byte 14: expected the second half of a surrogate pair, found '\"'"),
      (#"{"x": "\u00g0"}"#, "byte 10: expected four hexadecimal digits, found '0'"),
      ("{\"x\": \"\t\"}", "byte 8: expected an escape"),
      (#"{"x": [[[[[[[[1]]]]]]]]}"#, "lists and objects lie more than 8 deep"),
      (String(repeating: "[", count: 60_000), "lists and objects lie more than 8 deep"),
    ])
  func notJSON(body: String, fault: String) async throws {
    let answer = try await lab { try await $0.post("/api/sigmoid", body) }
    #expect(answer.status == .badRequest)
    #expect(answer.message.contains(fault), "\(answer.message)")
    #expect(answer.message.hasSuffix("; send well-formed JSON"))
  }

  @Test("All that JSON allows is understood")
  func json() async throws {
    let answer = try await lab {
      try await $0.post(
        "/api/sigmoid", "\r\n\t{ \"\\u0078\" : -0.5E-1 , \"d\\u0059\" :\n1e+0 } ")
    }
    #expect(answer.status == .ok)
    #expect(answer["x"] == -0.05)
    let smile = try await lab { try await $0.post("/api/sigmoid", #"{"\ud83d\ude00é\n\/": 1}"#) }
    #expect(smile.field == "😀é /")
    let twice = try await lab {
      try await $0.post("/api/backward", #"{"at": {"row": 0, "row": 0}}"#)
    }
    #expect(twice.field == "at.row")
    let nameless = try await lab { try await $0.get("/api/data?=3") }
    #expect(nameless.field == "query")
  }

  @Test(
    "A field that is wrong is named",
    arguments: [
      (#"[]"#, "", "the body: expected an object of the fields x, dY, found an empty list; "),
      (#"{}"#, "x", "x: expected a value, found nothing; give x"),
      (#"{"x": 0, "z": 1}"#, "z", "z: expected the fields x, dY, found another; leave it out"),
      (#"{"x": 0, "x": 0}"#, "x", "x: expected each name once, found it a second time; "),
      (#"{"x": null}"#, "x", "x: expected a number from -1000000 to 1000000, found null; "),
      (#"{"x": "1"}"#, "x", "x: expected a number from -1000000 to 1000000, found the text '1'; "),
      (#"{"x": 1e7}"#, "x", "x: expected a number from -1000000 to 1000000, found the number "),
      (#"{"x": 1e999}"#, "x", "x: expected a number from -1000000 to 1000000, found the number "),
      (#"{"x": true}"#, "x", "x: expected a number from -1000000 to 1000000, found true; "),
    ])
  func fields(body: String, field: String, message: String) async throws {
    let answer = try await lab { try await $0.post("/api/sigmoid", body) }
    #expect(answer.status == .badRequest)
    #expect(answer.field == field)
    #expect(answer.message.hasPrefix(message), "\(answer.message)")
  }

  @Test("Through a network: a head that is too large")
  func network() async throws {
    let (large, sound) = try await lab(through: .live) { client in
      let sound = try await client.post("/api/sigmoid", #"{"x": 0}"#)
      return (
        try await client.get(
          "/1", headers: [.userAgent: String(repeating: "x", count: 20_000)]), sound
      )
    }
    #expect(sound["y"] == 0.5)
    #expect(large.status == .requestHeaderFieldsTooLarge)
    #expect(large.headers[.contentSecurityPolicy] != nil)
    #expect(large.message.hasPrefix("the head of the request: expected less of it"))
  }
}
