"""Pages 2, 4 and 7: the anatomy, the dense layer, the supporting cast."""

import deck as d


def output(deck, name):
    return deck.page.locator(f'output[data-value-of="{name}"]').first.inner_text()


def test_the_decks_layer_has_its_parameters(deck):
    deck.open(2)
    deck.reveal()
    wanted = {"Y": "5×26×26", "kernels": "45", "biases": "3,380", "total": "3,425", "windows": "676",
              "multiplyAdds": "30,420"}
    assert {name: output(deck, name) for name in wanted} == wanted
    deck.choose("perChannel")
    assert (output(deck, "biases"), output(deck, "total")) == ("5", "50")


def test_an_impossible_size_is_refused_in_words(broken):
    broken.open(2)
    broken.reveal()
    broken.press("A kernel that does not fit")
    assert output(broken, "total") == d.DASH
    assert broken.alert()
    broken.press("A kernel as large as X")
    assert broken.alert() == ""
    assert output(broken, "windows") == "1"


def test_one_map_is_the_counter_example(deck):
    """A 1×1 kernel over one map of n pixels cannot be a dense layer: each number sees one pixel only."""
    deck.open(4)
    deck.reveal()
    assert len(deck.grid("map")) == len(deck.grid("map")[0]) == 2


def test_dense_is_the_convolution_over_channels(deck):
    deck.open(4)
    deck.reveal()
    assert output(deck, "difference") == "0"
    column = [row[0] for row in deck.grid("y")]
    assert column == [deck.grid("Y", channel)[0][0] for channel in range(len(column))]
    # By the definition: y = b + w·x.
    w, x, b = deck.grid("w"), deck.grid("x"), deck.grid("b")
    for j, row in enumerate(w):
        assert abs(column[j] - (b[j][0] + sum(n * m[0] for n, m in zip(row, x)))) < 1e-2


def test_the_order_of_a_sum_is_no_difference_between_the_layers(deck):
    deck.open(4, "?x=1;1&w=0.2+0.3&b=0.1")
    deck.reveal()
    assert 0 < d.number(output(deck, "difference")) < 1e-15
    text = deck.page.locator("main").inner_text()
    assert "Equal but for the last digit" in text and "They differ" not in text


def test_the_sigmoids_slope_agrees_with_its_finite_difference(deck):
    deck.open(7)
    deck.reveal()
    assert deck.passes("sigmoid") <= 1e-6
    deck.type("x", [[0]])
    deck.shows("sigmoid", [[0.5]])
    deck.shows("slope", [[0.25]])
    deck.type("x", [[40]])
    deck.shows("sigmoid", [[1]])
    deck.passes("sigmoid")


def test_cross_entropy_as_printed_is_twice_too_large_and_fails(deck):
    """For y = [1, 0] and ŷ = [0.8, 0.3]: measured −0.625 and 0.714, as printed −1.25 and 1.429."""
    deck.open(7)
    deck.reveal()
    deck.type("y", [[1], [0]])
    deck.type("p", [[0.8], [0.3]])
    deck.shows("gradient", [[-0.625], [0.714]])
    deck.shows("asPrinted", [[-1.25], [1.429]])
    deck.shows("measured", [[-0.625], [0.714]])
    assert d.number(output(deck, "ratio")) == 2
    assert deck.passes("gradient") <= 1e-6
    assert deck.fails("asPrinted") > 0.1


def test_cross_entropy_at_its_ends_says_so(broken):
    broken.open(7)
    broken.reveal()
    broken.type("p", [[0], [1]])
    broken.settle()
    text = broken.page.locator("body").inner_text()
    assert "∞" in text or "infin" in text.lower() or broken.alert(), "nothing is said at ŷ = 0"
    assert broken.check("gradient")[0] == "unmeasurable"


def test_what_cannot_be_measured_is_neither_right_nor_wrong(broken):
    def replace(route):
        response = route.fetch()
        answer = response.json()
        answer["checks"][0]["result"] = "unmeasurable"
        route.fulfill(response=response, json=answer)

    broken.page.route("**/api/cross-entropy", replace)
    broken.open(7)
    broken.reveal()
    check = broken.page.locator('[data-check="gradient"]')
    text = check.inner_text()
    assert "NOT MEASURABLE" in text and "No finite difference can tell" in text, text
    grounds = [broken.page.locator(f'[data-check="{name}"] .result').evaluate("n => getComputedStyle(n).backgroundColor")
               for name in ("gradient", "asPrinted")]
    assert grounds[0] != grounds[1], "it looks like FAIL"


def test_reshape_there_and_back(deck):
    deck.open(7)
    deck.reveal()
    column = [n for row in deck.grid("column") for n in row]
    assert column == list(range(len(column)))
    channels = deck.names().count("volume")
    assert [n for channel in range(channels) for row in deck.grid("volume", channel) for n in row] == column
    assert deck.grid("back") == deck.grid("volume")
