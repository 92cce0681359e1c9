//! What the README shows is what its program prints.

use std::fmt::Write as _;

use tuneup_packaging::{PlanOptions, Raise, ReleasePlan, System, Workspace};

use crate::toy::Toy;

/// The body of the README's program.
fn told(toy: &Toy) -> Result<String, Box<dyn std::error::Error>> {
    let workspace = Workspace::load(toy.path(), &System)?;
    let plan = ReleasePlan::load(&workspace, &PlanOptions::new(), &System)?;
    let mut told = String::new();
    for next in plan.next(&Raise::Auto)? {
        writeln!(told, "{} {} -> {}", next.package, next.from, next.to)?;
        for reason in &next.reasons {
            writeln!(told, "    {reason}")?;
        }
    }
    let order = workspace.publish_order()?;
    let order: Vec<&str> = order.iter().map(|member| &member.name[..]).collect();
    writeln!(told, "to be published: {}", order.join(", "))?;
    Ok(told)
}

#[test]
fn the_readme_shows_what_its_program_prints() {
    let toy = Toy::independent();
    for tag in ["base-0.1.0", "left-0.2.0", "right-1.3.0", "app-2.0.0"] {
        toy.git(&["tag", tag]);
    }
    toy.change(&["left/src/lib.rs"], "feat: turn left");
    toy.change(&["right/src/lib.rs"], "feat!: turn right at once");
    let block = format!("```text\n{}```\n", told(&toy).unwrap());
    assert!(
        include_str!("../../../README.md").contains(&block),
        "{block}"
    );
}
