//! The Universal Scalability Law and its least-squares fit with bounds.

/// Steps of Levenberg and Marquardt before giving up; fits end after about ten.
const STEPS: usize = 300;

/// X(N) = λN / (1 + σ(N − 1) + κN(N − 1)).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Law {
    /// λ, σ, κ.
    coefficients: [f64; 3],
}

impl Law {
    pub(super) fn single(&self) -> f64 {
        self.coefficients[0]
    }

    pub(super) fn contention(&self) -> f64 {
        self.coefficients[1]
    }

    pub(super) fn coherency(&self) -> f64 {
        self.coefficients[2]
    }

    /// √((1 − σ)/κ), at least one thread; infinite without coherency costs.
    pub(super) fn peak(&self) -> f64 {
        let [_, contention, coherency] = self.coefficients;
        if coherency == 0.0 {
            f64::INFINITY
        } else {
            ((1.0 - contention).max(0.0) / coherency).sqrt().max(1.0)
        }
    }

    pub(super) fn at(&self, threads: f64) -> f64 {
        let [single, ..] = self.coefficients;
        single * threads / self.denominator(threads)
    }

    fn denominator(&self, threads: f64) -> f64 {
        let [_, contention, coherency] = self.coefficients;
        1.0 + contention * (threads - 1.0) + coherency * threads * (threads - 1.0)
    }

    /// The law with the smallest sum of squares under λ ≥ 0, 0 ≤ σ ≤ 1, κ ≥ 0.
    pub(super) fn fit(points: &[(f64, f64)]) -> Self {
        let single = points
            .iter()
            .map(|(threads, x)| x / threads)
            .fold(0.0, f64::max);
        let starts = [[0.01, 1e-4], [0.3, 1e-4], [0.01, 0.1], [0.5, 0.5]];
        let laws = starts.map(|[contention, coherency]| {
            Self {
                coefficients: [single, contention, coherency],
            }
            .improved(points)
        });
        laws.into_iter()
            .min_by(|a, b| a.cost(points).total_cmp(&b.cost(points)))
            .unwrap_or(laws[0])
    }

    /// The nearest minimum within the bounds, beginning from this law.
    ///
    /// The minimum lies inside, or on a face where σ is 0 or 1, or κ is 0; each is a smooth problem of its own.
    pub(super) fn improved(self, points: &[(f64, f64)]) -> Self {
        let inside = self.descend(points, [true; 3]);
        if inside.is_allowed() {
            return inside;
        }
        let faces = [
            (Some(0.0), None),
            (Some(1.0), None),
            (None, Some(0.0)),
            (Some(0.0), Some(0.0)),
            (Some(1.0), Some(0.0)),
        ];
        let on_faces = faces.into_iter().map(|(contention, coherency)| {
            let mut start = self;
            start.coefficients[1] = contention.unwrap_or(start.contention());
            start.coefficients[2] = coherency.unwrap_or(start.coherency());
            start.descend(points, [true, contention.is_none(), coherency.is_none()])
        });
        let allowed = on_faces.filter(Self::is_allowed);
        allowed
            .min_by(|a, b| a.cost(points).total_cmp(&b.cost(points)))
            .unwrap_or(self)
    }

    fn is_allowed(&self) -> bool {
        let [single, contention, coherency] = self.coefficients;
        single >= 0.0 && (0.0..=1.0).contains(&contention) && coherency >= 0.0
    }

    fn cost(&self, points: &[(f64, f64)]) -> f64 {
        points
            .iter()
            .map(|&(threads, x)| (self.at(threads) - x).powi(2))
            .sum()
    }

    /// Levenberg–Marquardt over the free coefficients; steps into negative denominators are refused.
    fn descend(self, points: &[(f64, f64)], free: [bool; 3]) -> Self {
        let (mut law, mut cost, mut damping) = (self, self.cost(points), 1e-3);
        for _ in 0..STEPS {
            let (normal, gradient) = law.normal_equations(points, free);
            let step = solve(normal, gradient, damping);
            let next = Self {
                coefficients: [0, 1, 2].map(|i| law.coefficients[i] + step[i]),
            };
            let next_cost = next.cost(points);
            let usable = points
                .iter()
                .all(|&(threads, _)| next.denominator(threads) > 0.0);
            if usable && next_cost <= cost {
                let settled = cost - next_cost <= 1e-15 * cost;
                (law, cost, damping) = (next, next_cost, (damping / 8.0).max(1e-14));
                if settled {
                    break;
                }
            } else {
                damping *= 4.0;
                if damping > 1e14 {
                    break;
                }
            }
        }
        law
    }

    /// JᵀJ and −Jᵀr; fixed coefficients get an identity row.
    fn normal_equations(
        &self,
        points: &[(f64, f64)],
        free: [bool; 3],
    ) -> ([[f64; 3]; 3], [f64; 3]) {
        let (mut normal, mut gradient) = ([[0.0; 3]; 3], [0.0; 3]);
        for &(threads, x) in points {
            let denominator = self.denominator(threads);
            let value = self.at(threads);
            let slope = -value / denominator;
            let row = [
                threads / denominator,
                slope * (threads - 1.0),
                slope * threads * (threads - 1.0),
            ];
            for i in (0..3).filter(|&i| free[i]) {
                gradient[i] += row[i] * (x - value);
                for j in (0..3).filter(|&j| free[j]) {
                    normal[i][j] += row[i] * row[j];
                }
            }
        }
        for (i, row) in normal.iter_mut().enumerate() {
            if row[i] == 0.0 {
                row[i] = 1.0;
            }
        }
        (normal, gradient)
    }
}

/// Solves (A + damping · diag A) x = b, scaled so that the diagonal is 1, by elimination with pivots.
fn solve(matrix: [[f64; 3]; 3], vector: [f64; 3], damping: f64) -> [f64; 3] {
    let scale = [0, 1, 2].map(|i| matrix[i][i].sqrt());
    let mut rows = [[0.0; 4]; 3];
    for i in 0..3 {
        for j in 0..3 {
            rows[i][j] = matrix[i][j] / (scale[i] * scale[j]);
        }
        rows[i][i] += damping;
        rows[i][3] = vector[i] / scale[i];
    }
    for column in 0..3 {
        let pivot =
            (column..3).max_by(|&a, &b| rows[a][column].abs().total_cmp(&rows[b][column].abs()));
        rows.swap(column, pivot.unwrap_or(column));
        let lead = rows[column];
        for row in &mut rows[column + 1..] {
            let factor = row[column] / lead[column];
            for j in column..4 {
                row[j] -= factor * lead[j];
            }
        }
    }
    let mut solution = [0.0; 3];
    for i in (0..3).rev() {
        let known: f64 = (i + 1..3).map(|j| rows[i][j] * solution[j]).sum();
        solution[i] = (rows[i][3] - known) / rows[i][i];
    }
    [0, 1, 2].map(|i| solution[i] / scale[i])
}
