//! How an invoice rests: until something comes, with reminders meanwhile.

use std::time::{Duration, UNIX_EPOCH};

use temporalio_workflow::{TimerOptions, WorkflowContext, WorkflowResult, select};

use crate::models::status::InvoiceStatus as S;
use crate::workflows::contract::{ApPort, NoticeInput, NoticeKind, RECORD, Rest};
use crate::workflows::invoice::InvoiceWorkflow;

/// The states in which somebody has to do something.
const AWAIT_A_PERSON: [S; 5] = [S::Review, S::Held, S::Query, S::Approval, S::NeedsAttention];

impl InvoiceWorkflow {
    /// Rests until something came; somebody is told when that takes long.
    pub(crate) async fn rest(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<()> {
        let now = now(ctx);
        let due = ctx.state_mut(|s| {
            s.stirred = false;
            s.begin_rest(now);
            s.due()
        });
        let Some((at, kind)) = due else {
            return Ok(ctx.wait_condition(|s| s.stirred).await?);
        };
        // A timer that is dropped runs on, and wakes the workflow for nothing.
        let token = ctx.cancellation_token().child_token();
        let left = Duration::from_secs(at.saturating_sub(now).max(1));
        let timer = TimerOptions::builder(left).cancellation_token(token.clone()).build();
        let is_over = select! {
            stirred = ctx.wait_condition(|s| s.stirred) => {
                stirred?;
                token.cancel();
                false
            }
            _ = ctx.timer(timer) => true,
        };
        if is_over && !ctx.cancellation_token().is_cancelled() {
            Self::tell(ctx, kind).await?;
        }
        Ok(())
    }

    async fn tell(ctx: &mut WorkflowContext<Self>, kind: NoticeKind) -> WorkflowResult<()> {
        let notice = ctx.state_mut(|s| {
            let rest = &mut s.carried.rest;
            match kind {
                NoticeKind::Reminder => rest.reminders += 1,
                NoticeKind::Escalation => rest.escalated = true,
            }
            let count = if kind == NoticeKind::Reminder { rest.reminders } else { 1 };
            let invoice_id = s.carried.invoice_id.clone();
            NoticeInput { invoice_id, kind, status: s.status(), count }
        });
        let situation = ctx.execute_activity(ApPort::notify, notice, RECORD.options()).await?;
        ctx.state_mut(|s| s.learn(situation));
        Ok(())
    }

    fn begin_rest(&mut self, now: u64) {
        let status = Some(self.status());
        if self.carried.rest.status != status {
            self.carried.rest = Rest { status, since: now, ..Rest::default() };
        }
    }

    /// What is due next, and when.
    fn due(&self) -> Option<(u64, NoticeKind)> {
        let situation = self.carried.situation.as_ref()?;
        if !AWAIT_A_PERSON.contains(&situation.status) {
            return None;
        }
        let (rest, watch) = (&self.carried.rest, &situation.watch);
        let reminder = watch.remind_after_seconds.map(|after| {
            let times = rest.reminders.saturating_add(1);
            (rest.since.saturating_add(after.saturating_mul(times)), NoticeKind::Reminder)
        });
        let escalation = watch.escalate_after_seconds.filter(|_| !rest.escalated);
        let escalation =
            escalation.map(|after| (rest.since.saturating_add(after), NoticeKind::Escalation));
        reminder.into_iter().chain(escalation).min_by_key(|(at, _)| *at)
    }
}

/// The workflow's own clock, in whole seconds since 1970.
fn now(ctx: &WorkflowContext<InvoiceWorkflow>) -> u64 {
    let time = ctx.workflow_time();
    let since = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |since| since.as_secs())
}
