extension Drawing {
  /// The error after each epoch, in training and in testing.
  ///
  /// The axis is logarithmic where the errors span more than two decades. Each line is named at its
  /// end, with its last value. An epoch whose error is no number leaves a gap, hatched and labelled.
  ///
  /// - Parameters:
  ///   - title: The picture's title.
  ///   - training: The training error of each epoch.
  ///   - test: The test error of each epoch, `nil` where it was not measured; empty where it never was.
  /// - Returns: The chart.
  /// - Throws: ``PictureError`` when there is no epoch, or the two have not as many.
  public static func errorCurve(
    title: String = "Error by epoch", training: [Double], test: [Double?] = []
  ) throws(PictureError) -> Drawing {
    let history = try ErrorHistory(title: title, training: training, test: test)
    return ErrorChart(history: history).draw(title: title)
  }
}

/// The errors that a chart shows, checked.
struct ErrorHistory {
  /// One line of the chart: its errors by epoch, `nil` where none was measured.
  struct Series {
    var name: String
    var color: RGB
    var errors: [Double?]
  }

  let series: [Series]
  let epochs: ClosedRange<Int>

  init(title: String, training: [Double], test: [Double?]) throws(PictureError) {
    guard !training.isEmpty else {
      throw PictureError("\(title): there is no epoch to draw; train for at least one")
    }
    guard test.isEmpty || test.count == training.count else {
      throw PictureError(
        "\(title): expected a test error for each of the \(training.count) epochs, "
          + "got \(test.count); give nil for an epoch without one")
    }
    let measured = Series(name: "training", color: Style.training, errors: training)
    let tested = Series(name: "test", color: Style.test, errors: test)
    series = test.contains { $0 != nil } ? [measured, tested] : [measured]
    epochs = 1...training.count
  }
}

/// The chart's measures and how it is drawn into them.
private struct ErrorChart {
  let history: ErrorHistory
  let across: Axis
  let up: Axis
  let plot = Box(x: 88, y: 132, width: 500, height: 264)

  init(history: ErrorHistory) {
    self.history = history
    across = Axis(wholeFrom: 1, to: history.epochs.upperBound)
    up = Axis(amounts: history.series.flatMap { $0.errors.compactMap(\.self) })
  }

  func draw(title: String) -> Drawing {
    var drawing = Drawing(heading: title, subtitle: subtitle, width: 720, height: 472)
    drawGrid(on: &drawing)
    drawGaps(on: &drawing)
    for one in history.series { drawLine(one, on: &drawing) }
    drawNames(on: &drawing)
    return drawing
  }

  private var subtitle: String {
    let names = history.series.count > 1 ? "Training and test error" : "Training error"
    let epochs = history.epochs.count
    return names + (epochs > 1 ? " after each of \(epochs) epochs" : " after one epoch")
  }

  private func x(_ epoch: Int) -> Double {
    plot.x + across.position(of: Double(epoch)) * plot.width
  }

  private func y(_ error: Double) -> Double {
    plot.bottom - up.position(of: error) * plot.height
  }

  private func drawGrid(on drawing: inout Drawing) {
    drawing.write(up.isLogarithmic ? "error, logarithmic" : "error", at: Point(Style.margin, 112))
    for tick in up.ticks {
      // Half points make a line of one point sharp.
      let y = y(tick).rounded() + 0.5
      drawing.add(
        .polyline(
          [Point(plot.x, y), Point(plot.right, y)],
          color: tick == up.lower && !up.isLogarithmic ? Style.quiet : Style.hairline, width: 1))
      drawing.write(shortNumber(tick), at: Point(plot.x - 12, y + 4), anchor: .end)
    }
    for tick in across.ticks {
      let x = x(Int(tick))
      drawing.write(shortNumber(tick), at: Point(x, plot.bottom + 20), anchor: .middle)
    }
    drawing.write("epoch", at: Point(plot.center.x, plot.bottom + 42), anchor: .middle)
  }

  /// Hatches each run of epochs in which some error is no number.
  private func drawGaps(on drawing: inout Drawing) {
    func failures(_ epoch: Int) -> [Double] {
      history.series.compactMap { $0.errors[epoch - 1] }.filter { !$0.isFinite }
    }
    let half = plot.width / Double(max(history.epochs.count - 1, 1)) / 2
    var runs: [ClosedRange<Int>] = []
    for epoch in history.epochs where !failures(epoch).isEmpty {
      if let last = runs.last, last.upperBound + 1 == epoch {
        runs[runs.count - 1] = last.lowerBound...epoch
      } else {
        runs.append(epoch...epoch)
      }
    }
    for run in runs {
      let left = max(plot.x, x(run.lowerBound) - half)
      let right = min(plot.right, x(run.upperBound) + half)
      let box = Box(x: left, y: plot.y, width: right - left, height: plot.height)
      drawing.hatch(box, spacing: 8, color: Style.hairline)
      let names = Set(run.flatMap(failures).map(nonFiniteName))
      drawing.write(
        names.sorted().joined(separator: ", "), at: Point(box.center.x, plot.y - 6),
        color: Style.mistake, anchor: .middle)
    }
  }

  /// Draws a line through each run of numbers, and a dot where a number stands alone.
  private func drawLine(_ one: ErrorHistory.Series, on drawing: inout Drawing) {
    var run: [Point] = []
    func finish(_ drawing: inout Drawing) {
      if run.count > 1 {
        drawing.add(.polyline(run, color: one.color, width: 2))
      } else if let alone = run.first {
        drawing.add(.circle(center: alone, radius: 3.5, fill: one.color))
      }
      run = []
    }
    for (epoch, error) in zip(history.epochs, one.errors) {
      guard let error else { continue }
      if error.isFinite {
        run.append(Point(x(epoch), y(error)))
      } else {
        finish(&drawing)
      }
    }
    finish(&drawing)
    if let end = lastPoint(one) {
      drawing.add(.circle(center: end.point, radius: 3.5, fill: one.color))
    }
  }

  private func lastPoint(_ one: ErrorHistory.Series) -> (point: Point, error: Double)? {
    for (epoch, error) in zip(history.epochs, one.errors).reversed() {
      if let error, error.isFinite { return (Point(x(epoch), y(error)), error) }
    }
    return nil
  }

  /// Names the lines right of where they end, a line of text apart where the ends are closer.
  private func drawNames(on drawing: inout Drawing) {
    let ends = history.series.compactMap { one in lastPoint(one).map { (one, $0.point, $0.error) } }
      .sorted { $0.1.y < $1.1.y }
    var baselines = ends.map { $0.1.y + 4 }
    if baselines.count == 2, baselines[1] - baselines[0] < 18 {
      let middle = (baselines[0] + baselines[1]) / 2
      baselines = [middle - 9, middle + 9]
    }
    for (end, baseline) in zip(ends, baselines) {
      let (one, _, error) = end
      drawing.write(
        "\(one.name) \(shortNumber(error, digits: 3))", at: Point(plot.right + 12, baseline),
        size: Style.bodySize, color: one.color, weight: .semibold)
    }
  }
}
