//! What lies beside what: records or columns, and in which direction to walk through a grid.

use tuneup_benchmarking::harness::Suite;

// ANCHOR: slow
/// One sale with all that belongs to it: 64 bytes.
#[derive(Clone, Debug, Default)]
pub struct Sale {
    /// Names the sale.
    pub id: u64,
    /// Names the customer.
    pub customer: u64,
    /// When it was, in seconds since 1970.
    pub time: u64,
    /// What was sold.
    pub product: [u8; 32],
    /// How many.
    pub quantity: u32,
    /// The price of one in cents.
    pub price: u32,
}

/// Fetches whole records for eight bytes of each.
pub fn revenue_of_records(sales: &[Sale]) -> u64 {
    sales
        .iter()
        .map(|sale| u64::from(sale.quantity) * u64::from(sale.price))
        .sum()
}
// ANCHOR_END: slow

// ANCHOR: fast
/// The same sales, a vector per field.
#[derive(Clone, Debug, Default)]
pub struct Sales {
    /// Names the sale.
    pub id: Vec<u64>,
    /// Names the customer.
    pub customer: Vec<u64>,
    /// When it was, in seconds since 1970.
    pub time: Vec<u64>,
    /// What was sold.
    pub product: Vec<[u8; 32]>,
    /// How many.
    pub quantity: Vec<u32>,
    /// The price of one in cents.
    pub price: Vec<u32>,
}

/// Fetches two columns and nothing else, several values at a time.
pub fn revenue_of_columns(sales: &Sales) -> u64 {
    sales
        .quantity
        .iter()
        .zip(&sales.price)
        .map(|(quantity, price)| u64::from(*quantity) * u64::from(*price))
        .sum()
}
// ANCHOR_END: fast

impl FromIterator<Sale> for Sales {
    fn from_iter<I: IntoIterator<Item = Sale>>(records: I) -> Self {
        let mut sales = Self::default();
        for sale in records {
            sales.id.push(sale.id);
            sales.customer.push(sale.customer);
            sales.time.push(sale.time);
            sales.product.push(sale.product);
            sales.quantity.push(sale.quantity);
            sales.price.push(sale.price);
        }
        sales
    }
}

/// A square of numbers, row after row in one vector.
pub struct Grid {
    /// The length of a row and of a column.
    pub side: usize,
    /// `side * side` numbers; row `y`, column `x` is at `y * side + x`.
    pub cells: Vec<u32>,
}

/// Column after column: every step goes a whole row further.
// ANCHOR: grid_slow
pub fn total_by_columns(grid: &Grid) -> u64 {
    let mut total = 0;
    for x in 0..grid.side {
        for y in 0..grid.side {
            total += u64::from(grid.cells[y * grid.side + x]);
        }
    }
    total
}
// ANCHOR_END: grid_slow

/// Row after row: every step goes to the neighbour.
// ANCHOR: grid_fast
pub fn total_by_rows(grid: &Grid) -> u64 {
    let mut total = 0;
    for y in 0..grid.side {
        for x in 0..grid.side {
            total += u64::from(grid.cells[y * grid.side + x]);
        }
    }
    total
}
// ANCHOR_END: grid_fast

/// Row after row as slices: no index to check, so several values at a time.
// ANCHOR: grid_slices
pub fn total_by_row_slices(grid: &Grid) -> u64 {
    let mut total = 0;
    for row in grid.cells.chunks_exact(grid.side.max(1)) {
        total += row.iter().map(|cell| u64::from(*cell)).sum::<u64>();
    }
    total
}
// ANCHOR_END: grid_slices

/// `n` sales.
pub fn sales(n: usize) -> Vec<Sale> {
    let mut random = fastrand::Rng::with_seed(12);
    (0..n as u64)
        .map(|id| Sale {
            id,
            customer: random.u64(..10_000),
            time: 1_700_000_000 + id,
            product: [b'p'; 32],
            quantity: random.u32(1..10),
            price: random.u32(1..100_000),
        })
        .collect()
}

/// A grid of `side` times `side`.
pub fn grid(side: usize) -> Grid {
    let mut random = fastrand::Rng::with_seed(13);
    Grid {
        side,
        cells: (0..side * side).map(|_| random.u32(..)).collect(),
    }
}

/// Registers records against columns, and two grids. No fit over sizes: the steps between the
/// caches would bend any curve.
pub fn register(suite: &mut Suite) {
    suite
        .group("cookbook/layout")
        .about("the revenue of n sales")
        .size(32_768)
        .elements(|n| n as u64)
        .input(|n| (sales(n), sales(n).into_iter().collect::<Sales>()))
        .case("records", |(records, _): &(Vec<Sale>, Sales)| {
            revenue_of_records(records)
        })
        .case("columns", |(_, columns): &(Vec<Sale>, Sales)| {
            revenue_of_columns(columns)
        })
        .finish();
    suite
        .group("cookbook/layout-grid")
        .about("the total of a grid of n rows and n columns")
        .size(700)
        .elements(|n| (n * n) as u64)
        .input(grid)
        .case("by columns", |grid: &Grid| total_by_columns(grid))
        .case("by rows", |grid: &Grid| total_by_rows(grid))
        .case("by row slices", |grid: &Grid| total_by_row_slices(grid))
        .finish();
    suite
        .group("cookbook/layout-stride")
        .about("the total of a grid of n rows and n columns")
        .size(512)
        .elements(|n| (n * n) as u64)
        .input(grid)
        .case("by columns", |grid: &Grid| total_by_columns(grid))
        .case("by rows", |grid: &Grid| total_by_rows(grid))
        .case("by row slices", |grid: &Grid| total_by_row_slices(grid))
        .finish();
}
