//! A picture of throughput against latency, as SVG: two lines, p50 and p99, over what was committed.

use std::fmt::Write as _;

use super::report::Point;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
/// Room for the axes' words.
const MARGIN: f64 = 60.0;
/// Parts of an axis.
const TICKS: u32 = 5;

/// The picture.
#[must_use]
pub fn svg(points: &[Point]) -> String {
    let most = |of: fn(&Point) -> f64| points.iter().map(of).fold(1.0, f64::max);
    let (most_committed, most_ms) = (most(|p| p.committed), most(|p| p.p99_ms));
    let x = |committed: f64| MARGIN + committed / most_committed * (WIDTH - 2.0 * MARGIN);
    let y = |ms: f64| HEIGHT - MARGIN - ms / most_ms * (HEIGHT - 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for tick in 0..=TICKS {
        let share = f64::from(tick) / f64::from(TICKS);
        let (committed, ms) = (share * most_committed, share * most_ms);
        let (left, right, floor) = (x(0.0), x(most_committed), y(0.0));
        let _ = writeln!(
            svg,
            "<line x1=\"{left:.0}\" x2=\"{right:.0}\" y1=\"{0:.0}\" y2=\"{0:.0}\" stroke=\"#ddd\"/>\
             <text x=\"{1:.0}\" y=\"{2:.0}\" text-anchor=\"end\">{ms:.0}</text>\
             <text x=\"{3:.0}\" y=\"{4:.0}\" text-anchor=\"middle\">{committed:.0}</text>",
            y(ms),
            left - 6.0,
            y(ms) + 4.0,
            x(committed),
            floor + 18.0
        );
    }
    for (of, color, name) in [(p50 as fn(&Point) -> f64, "#2a6fdb", "p50"), (p99, "#d1495b", "p99")]
    {
        let path: Vec<_> = points
            .iter()
            .map(|point| format!("{:.1},{:.1}", x(point.committed), y(of(point))))
            .collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>",
            path.join(" ")
        );
        if let Some(last) = points.last() {
            let (at_x, at_y) = (x(last.committed) + 6.0, y(of(last)));
            let _ = writeln!(
                svg,
                "<text x=\"{at_x:.0}\" y=\"{at_y:.0}\" fill=\"{color}\">{name}</text>"
            );
        }
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">committed transactions a second</text>\
         <text x=\"{:.0}\" y=\"{:.0}\">latency to the receipt, ms</text>\n</svg>",
        WIDTH / 2.0,
        HEIGHT - 14.0,
        MARGIN - 40.0,
        MARGIN - 24.0
    );
    svg
}

fn p50(point: &Point) -> f64 {
    point.p50_ms
}

fn p99(point: &Point) -> f64 {
    point.p99_ms
}
