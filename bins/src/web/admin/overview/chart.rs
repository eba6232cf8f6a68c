//! The charts of the overview as shapes: numbers and words, no markup. Whoever draws them escapes.

use cronbus_core::time::Timestamp;

use super::forecast::{CELL_MS, Forecast};
use super::hours::{Counts, Hour};
use crate::web::admin::parts::number;
use crate::web::admin::words::Language;

/// The area of the bars, in units of the drawing.
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 110.0;

/// A rectangle.
#[derive(Debug, PartialEq)]
pub(super) struct Rect {
    pub(super) class: &'static str,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A bar: what is stacked on each other, what it says when it is pointed at, its place in time.
#[derive(Debug)]
pub(super) struct Bar {
    pub(super) parts: Vec<Rect>,
    pub(super) title: String,
    pub(super) from: String,
}

/// A mark of the axis.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) x: f64,
    pub(super) text: String,
    /// The instant, where scripts write it in the reader's zone.
    pub(super) hour: String,
}

/// Bars over time.
#[derive(Debug)]
pub(super) struct Bars {
    pub(super) bars: Vec<Bar>,
    pub(super) marks: Vec<Mark>,
    pub(super) highest: String,
    /// How many spans are not counted yet.
    pub(super) missing: usize,
    pub(super) summary: String,
}

/// Bars of spans; `format` writes their beginnings (strftime), every `mark_every`th of them is marked.
pub(super) fn bars(
    spans: &[(Hour, Option<Counts>)],
    (format, mark_format): (&str, &str),
    mark_every: usize,
    language: Language,
) -> Bars {
    let total = |counts: &Counts| counts.good + counts.bad + counts.other;
    let highest = spans.iter().filter_map(|(_, counts)| counts.as_ref().map(total)).max().unwrap_or(0);
    let step = WIDTH / spans.len().max(1) as f64;
    let mut drawn = Bars {
        bars: Vec::new(),
        marks: Vec::new(),
        highest: number(highest),
        missing: spans.iter().filter(|(_, counts)| counts.is_none()).count(),
        summary: summary(spans, language),
    };
    for (index, (hour, counts)) in spans.iter().enumerate() {
        let (x, at) = (step * index as f64, hour.start());
        if index.is_multiple_of(mark_every) {
            drawn.marks.push(Mark { x: x + step / 2.0, text: written(at, mark_format), hour: at.to_string() });
        }
        let Some(counts) = counts else { continue };
        let title = title(&written(at, format), counts, language);
        drawn.bars.push(Bar { parts: stack(counts, x, step, highest), title, from: at.to_string() });
    }
    drawn
}

fn stack(counts: &Counts, x: f64, step: f64, highest: u64) -> Vec<Rect> {
    let gap = if step > 10.0 { 3.0 } else { 2.0 };
    let mut top = HEIGHT;
    let mut parts = Vec::new();
    for (class, count) in [("good", counts.good), ("other", counts.other), ("bad", counts.bad)] {
        if count == 0 {
            continue;
        }
        // What happened at all is seen, however little it is beside the rest.
        let height = (HEIGHT * count as f64 / highest.max(1) as f64).max(2.0);
        top -= height;
        parts.push(Rect { class, x: x + gap / 2.0, y: top.max(0.0), width: step - gap, height });
    }
    parts
}

fn title(when: &str, counts: &Counts, language: Language) -> String {
    let [good, bad, other] = [counts.good, counts.bad, counts.other].map(number);
    language.say_with("chart-title", [("when", when), ("good", &good), ("bad", &bad), ("other", &other)])
}

fn summary(spans: &[(Hour, Option<Counts>)], language: Language) -> String {
    let sum = |part: fn(&Counts) -> u64| number(spans.iter().filter_map(|(_, counts)| counts.as_ref().map(part)).sum());
    let (good, bad, other) = (sum(|counts| counts.good), sum(|counts| counts.bad), sum(|counts| counts.other));
    language.say_with("chart-summary", [("good", &good), ("bad", &bad), ("other", &other)])
}

fn written(at: Timestamp, format: &str) -> String {
    at.to_jiff().strftime(format).to_string()
}

/// A cell of the heat map.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) x: f64,
    pub(super) y: f64,
    /// From 0, nothing, to 1, the most.
    pub(super) heat: f64,
    pub(super) title: String,
}

/// The coming day: a column an hour, a row ten minutes.
#[derive(Debug)]
pub(super) struct Heat {
    pub(super) cells: Vec<Cell>,
    pub(super) marks: Vec<Mark>,
    pub(super) most: String,
    pub(super) most_at: String,
    pub(super) left_out: u64,
}

/// The heat map of a forecast. Heat grows with the logarithm, so that a pile-up does not make everything else look idle.
pub(super) fn heat(forecast: &Forecast, language: Language) -> Heat {
    let most = forecast.cells.iter().copied().max().unwrap_or(0);
    let at = |index: usize| Timestamp::from_millis(forecast.start.millis() + CELL_MS * index as i64);
    let cell = |(index, count): (usize, &u64)| {
        let when = written(at(index), "%m-%d %H:%M UTC");
        Cell {
            x: (index / 6) as f64 * 20.0,
            y: (index % 6) as f64 * 13.0,
            heat: level(*count, most),
            title: language.say_with("heat-title", [("when", &when), ("count", &number(*count))]),
        }
    };
    let mark = |hour: usize| Mark {
        x: hour as f64 * 20.0 + 9.0,
        text: written(at(hour * 6), "%H"),
        hour: at(hour * 6).to_string(),
    };
    let first = forecast.cells.iter().position(|count| *count == most).filter(|_| most > 0);
    Heat {
        cells: forecast.cells.iter().enumerate().map(cell).collect(),
        marks: (0..24).step_by(3).map(mark).collect(),
        most: number(most),
        most_at: first.map_or_else(String::new, |index| at(index).to_string()),
        left_out: forecast.left_out,
    }
}

fn level(count: u64, most: u64) -> f64 {
    if count == 0 || most == 0 {
        return 0.0;
    }
    let heat = (1.0 + count as f64).ln() / (1.0 + most as f64).ln();
    ((0.15 + 0.85 * heat) * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stand_on_each_other_and_say_what_they_are() {
        let counts = Counts { good: 90, bad: 10, other: 0, ..Counts::default() };
        let spans = [(Hour(0), Some(counts)), (Hour(1), None)];
        let drawn = bars(&spans, ("%H:%M", "%H"), 1, Language::English);
        assert_eq!((drawn.bars.len(), drawn.missing, drawn.highest.as_str()), (1, 1, "100"));
        let parts = &drawn.bars[0].parts;
        assert_eq!((parts[0].class, parts[0].height, parts[1].class, parts[1].y), ("good", 99.0, "bad", 0.0));
        assert!(drawn.bars[0].title.contains("90") && drawn.bars[0].title.contains("00:00"), "{}", drawn.bars[0].title);
    }

    #[test]
    fn heat_grows_with_the_logarithm() {
        assert_eq!((level(0, 10), level(10, 10), level(5, 0)), (0.0, 1.0, 0.0));
        assert!(level(1, 100_000) > 0.15 && level(1_000, 100_000) < 0.8);
    }
}
