//! What a case sees of papers.

use kitei_rules::run::paper::Lang;

use super::{Words, list_of, truth};
use crate::coverage::{
    deeds::{listed, text},
    stage::Scene,
    words::Problem,
};

impl Scene {
    pub(super) async fn see_paper(&self, words: &Words) -> Result<(), Problem> {
        // A sight that is not looked at would pass whatever is shown.
        if words.contains_key("revise") {
            return Err("no version of a paper is kept, so `revise` cannot be seen".to_owned());
        }
        let id = text(words, "id").unwrap_or_default().to_owned();
        let found = self
            .on_record(words, |kernel, record| {
                let paper = kernel.papers(record).into_iter().find(|paper| paper.id == id)?;
                Some((kernel.content(record, paper, Lang::Ja), kernel.paper_objections(record, &id)))
            })
            .await?;
        if truth(words, "none") == Some(true) {
            return if found.is_none() { Ok(()) } else { Err(format!("\"{id}\" is offered")) };
        }
        let (content, objections) = found.ok_or_else(|| format!("\"{id}\" is not offered"))?;
        let whole = serde_json::to_string(&content).unwrap_or_default();
        for expected in list_of(words, "has") {
            if !whole.contains(&expected) {
                return Err(format!("\"{expected}\" is not in it: {whole}"));
            }
        }
        for unwanted in list_of(words, "lacks") {
            if whole.contains(&unwanted) {
                return Err(format!("\"{unwanted}\" is in it"));
            }
        }
        if let Some(ready) = truth(words, "ready")
            && ready != objections.is_empty()
        {
            return Err(format!("ready is {}: {}", !ready, listed(&objections)));
        }
        Ok(())
    }
}
