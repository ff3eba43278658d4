//! The verbs of a step, each carried out as a person would.

use std::collections::BTreeMap;

use kitei_rules::run::command::Command;
use uuid::Uuid;

use super::{
    DemoError, Place,
    plan::{Step, wrong},
    player::{For, Player, Rows},
};

impl Player<'_> {
    /// Carries a step out.
    pub(super) async fn step(&mut self, place: &Place, step: &Step) -> Result<(), DemoError> {
        if let Some(register) = &step.create {
            return self.create(place, step, register).await;
        }
        if let Some(name) = &step.change {
            let record = self.named(place, name)?;
            return self.change(place, step, record).await;
        }
        if let Some(name) = &step.close {
            let record = self.named(place, name)?;
            let request = self.request(place, step).await?;
            return self.perform(place, request, Command::Close { record }).await.map(drop);
        }
        if let Some(name) = &step.work {
            let record = self.named(place, name)?;
            return self.work(place, step, record).await;
        }
        if let Some(register) = &step.work_each {
            for record in self.objects(place, step, register).await? {
                self.work(place, step, record).await?;
            }
            return Ok(());
        }
        if let Some(act) = &step.duty {
            return self.duty(place, step, act).await;
        }
        let on = step.on.as_deref();
        let on = on.ok_or_else(|| wrong(&place.file, place.line, "on がありません。", "there is no `on`"))?;
        let record = self.named(place, on)?;
        let command = if let Some(list) = &step.add {
            let register = self.register_of(place, record).await?;
            let of = For { register: &register, list: Some(list), act: None };
            let fields = self.values(place, of, &step.with).await?;
            Command::AddLine { record, list: list.clone(), fields }
        } else if let Some(act) = &step.act {
            let register = self.register_of(place, record).await?;
            let of = For { register: &register, list: None, act: Some(act) };
            let fields = self.values(place, of, &step.with).await?;
            Command::Act { record, act: act.clone(), fields }
        } else if let Some(act) = step.skip.clone() {
            Command::Skip { record, act }
        } else if let Some(act) = step.approve.clone() {
            Command::Approve { record, act }
        } else {
            Command::Return { record, act: step.send_back.clone().unwrap_or_default() }
        };
        let request = self.request(place, step).await?;
        self.perform(place, request, command).await.map(drop)
    }

    async fn create(&mut self, place: &Place, step: &Step, register: &str) -> Result<(), DemoError> {
        let of = For { register, list: None, act: None };
        let fields = self.values(place, of, &step.with).await?;
        let lines = self.rows(place, register, &step.lines).await?;
        let request = self.request(place, step).await?;
        let command = Command::Create { register: register.to_owned(), fields, lines };
        let done = self.perform(place, request, command).await?;
        self.call(step.name.as_ref(), done.record);
        Ok(())
    }

    /// Lines of a record as values.
    async fn rows(
        &self,
        place: &Place,
        register: &str,
        lists: &Rows,
    ) -> Result<BTreeMap<String, Vec<kitei_rules::run::command::Values>>, DemoError> {
        let mut out = BTreeMap::new();
        for (list, rows) in lists {
            let of = For { register, list: Some(list), act: None };
            let mut read = Vec::new();
            for row in rows {
                read.push(self.values(place, of, row).await?);
            }
            out.insert(list.clone(), read);
        }
        Ok(out)
    }

    async fn change(&mut self, place: &Place, step: &Step, record: Uuid) -> Result<(), DemoError> {
        let register = self.register_of(place, record).await?;
        let of = For { register: &register, list: None, act: None };
        let fields = self.values(place, of, &step.with).await?;
        let request = self.request(place, step).await?;
        self.perform(place, request, Command::Change { record, fields }).await.map(drop)
    }
}
