import Hummingbird
import Starling

extension Engine {
  /// The largest body with a picture in it: 2 MiB.
  private static let largestPicture = 2 << 20

  /// Adds the routes of pages 8 and 10.
  func addDigitRoutes(to router: LabRouter) {
    router.get("api/data") { _ in
      Response(json: await DataAnswer(sets))
    }
    router.get("api/digits", query: DigitChoice.fields) { call in
      Response(json: DigitAnswer(try await DigitChoice(call.query, in: sets)))
    }
    router.get("api/network") { _ in
      Response(json: NetworkAnswer(try await models.beforeTraining().network))
    }
    router.post("api/activations") { body in
      let fields = try body.object(["digit", "run"])
      let digit = try await DigitChoice(
        try fields["digit"].object(DigitChoice.fields), in: sets)
      let network = try await model(fields.optional("run")).network
      return Response(json: try ActivationsAnswer(network, of: digit))
    }
    router.post("api/window") { body in
      let fields = try body.object(["digit", "run", "map", "row", "column"])
      let digit = try await DigitChoice(
        try fields["digit"].object(DigitChoice.fields), in: sets)
      let network = try await model(fields.optional("run")).network
      let place = try WindowAnswer.Place(fields, in: network.layers[0].outputShape)
      return Response(json: try WindowAnswer(network, of: digit, at: place))
    }
    router.post("api/predict", largestBody: Self.largestPicture) { body in
      let fields = try body.object(["png", "pixels", "run"])
      let given = try GivenPicture(fields)
      let network = try await model(fields.optional("run")).network
      return Response(
        json: try await pictures.run {
          switch given {
          case .png(let text):
            let picture = try DrawnPicture(text, field: "png", for: network)
            return try PredictionAnswer(network, of: picture.image, polarity: picture.polarity)
          case .pixels(let image):
            return try PredictionAnswer(network, of: image, polarity: .asGiven)
          }
        })
    }
  }
}
